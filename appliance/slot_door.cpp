#include "appliance/slot_door.h"

namespace sonde {

void SlotDoor::ask(const IpAddress& source, Duration test, Answered answered) const {
  const auto decide = [parts = parts_, source, test, answered] {
    const Allowance allowance = parts.limits()->lookup("throughput", source);
    SaturatingSlot::Answer answer{0, allowance.why};
    if (allowance.allowed)
      answer = parts.slot->ask_inbound({.source = source,
                                        .longest = std::chrono::seconds{allowance.seconds},
                                        .per_hour = std::chrono::seconds{allowance.seconds_per_hour}},
                                       test);
    if (!parts.loop->post([answered, answer] { answered(answer); }))
      parts.slot->release(answer.lease, "failed", "The packet loop had too much to do to begin it.");
  };
  if (!parts_.tasks->post(decide)) answered({0, "this node has too much to do to decide"});
}

void SlotDoor::release(std::uint64_t lease, std::string outcome, std::string sentence) const {
  parts_.tasks->post([slot = parts_.slot, lease, outcome = std::move(outcome), sentence = std::move(sentence)] {
    slot->release(lease, outcome, sentence);
  });
}

}  // namespace sonde
