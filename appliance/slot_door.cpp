#include "appliance/slot_door.h"

namespace sonde {

struct SlotDoor::Desk {
  Parts parts;
  std::map<std::uint64_t, std::uint64_t> leases;  // by the id of their asking; at most one is held

  std::optional<std::string> decide(std::uint64_t id, const IpAddress& source, Duration length) {
    const Allowance allowance = parts.limits()->lookup("throughput", source);
    if (!allowance.allowed) return allowance.why;
    const auto answer = parts.slot->ask_inbound({.source = source,
                                                 .longest = std::chrono::seconds{allowance.seconds},
                                                 .per_hour = std::chrono::seconds{allowance.seconds_per_hour}},
                                                length - SaturatingSlot::kGuestMargin);
    if (!answer) return "Refused: " + answer.sentence + ".";
    leases[id] = answer.lease;
    return std::nullopt;
  }

  void release(std::uint64_t id, Outcome outcome, std::string sentence) {
    const auto found = leases.find(id);
    if (found == leases.end()) return;
    const std::uint64_t lease = found->second;
    leases.erase(found);
    parts.slot->release(lease, std::string(to_string(outcome)), std::move(sentence));
  }
};

SlotDoor::SlotDoor(Parts parts) : desk_(std::make_shared<Desk>(Desk{parts, {}})), tasks_(*parts.tasks) {}

void SlotDoor::ask(std::uint64_t id, const IpAddress& source, Duration length, Answer answer) {
  const bool posted =
      tasks_.post([desk = desk_, id, source, length, answer] { answer(desk->decide(id, source, length)); });
  if (!posted) answer("Refused: this node has too much to do to decide.");
}

void SlotDoor::release(std::uint64_t id, Outcome outcome, std::string sentence) {
  // A post that finds no room leaves the lease to its own end.
  tasks_.post([desk = desk_, id, outcome, sentence = std::move(sentence)] { desk->release(id, outcome, sentence); });
}

}  // namespace sonde
