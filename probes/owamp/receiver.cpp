#include "probes/owamp/receiver.h"

#include <algorithm>

namespace sonde::owamp {

Receiver::Receiver(const Plan& plan) : plan_(plan), fates_(plan.due.size(), Fate::open) {
  records_.reserve(plan.due.size());
}

Receiver::Verdict Receiver::arrived(std::span<const std::byte> payload, UtcTime arrival, int hop_limit,
                                    amp::ErrorEstimate own) {
  const Verdict verdict = judge(payload, arrival, hop_limit, own);
  ++counts_[static_cast<std::size_t>(verdict)];
  return verdict;
}

Receiver::Verdict Receiver::judge(std::span<const std::byte> payload, UtcTime arrival, int hop_limit,
                                  amp::ErrorEstimate own) {
  const auto packet = decode_test_packet(payload);
  if (!packet || payload.size() < kTestHeader + plan_.request.padding) return Verdict::malformed;
  if (packet->sequence >= plan_.due.size()) return Verdict::foreign;
  const UtcTime sent = amp::to_utc(packet->sent, arrival), due = plan_.due[packet->sequence];
  if (std::chrono::abs(arrival - sent) > plan_.timeout || std::chrono::abs(sent - due) > plan_.timeout)
    return Verdict::off_time;
  declare_lost(arrival);
  Fate& fate = fates_[packet->sequence];
  if (fate == Fate::lost) return Verdict::late;
  if (records_.size() >= std::min<std::size_t>(2 * plan_.due.size(), kMostRecords)) return Verdict::full;
  const auto hops = static_cast<std::uint8_t>(std::clamp(hop_limit, 0, 255));
  records_.push_back({packet->sequence, packet->error, own, packet->sent, amp::to_ntp(arrival), hops});
  if (fate == Fate::came) return Verdict::duplicate;
  fate = Fate::came;
  return Verdict::recorded;
}

void Receiver::declare_lost(UtcTime now) {
  for (; undecided_ < plan_.due.size() && plan_.due[undecided_] + plan_.timeout < now; ++undecided_) {
    if (fates_[undecided_] != Fate::open) continue;
    fates_[undecided_] = Fate::lost;
    // §3.9: the presumed send time, an error of one unit, and a hop limit of 255 stand for what nobody knows.
    records_.push_back(
        {undecided_, amp::kUnknownError, amp::ErrorEstimate{}, amp::to_ntp(plan_.due[undecided_]), {}, 255});
  }
}

bool Receiver::finish(std::uint32_t next_sequence, const std::vector<SkipRange>& skips, UtcTime stopped) {
  declare_lost(stopped);
  const auto never_sent = [&](std::uint32_t sequence) {
    if (sequence >= next_sequence) return true;
    const auto range = std::ranges::upper_bound(skips, sequence, {}, &SkipRange::first);
    return range != skips.begin() && sequence <= std::prev(range)->last;
  };
  const auto denied = [&](const Record& record) { return !record.lost() && never_sent(record.sequence); };
  if (std::ranges::any_of(records_, denied)) return false;
  const UtcTime judged = stopped - plan_.timeout;
  std::erase_if(records_, [&](const Record& record) {
    return never_sent(record.sequence) || plan_.due[record.sequence] > judged;
  });
  return true;
}

}  // namespace sonde::owamp
