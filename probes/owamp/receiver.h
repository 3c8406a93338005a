#pragma once

#include "probes/owamp/plan.h"

namespace sonde::owamp {

/// The receiving end of one session (RFC 4656 §4.2): judges what comes, keeps one record for each packet that came or
/// is lost, in the order of arrival or of that verdict, and a further one for each later copy. Driven by the stamps of
/// the packets alone, so it does not matter when it is called.
class Receiver {
 public:
  explicit Receiver(const Plan& plan);  ///< the plan outlives it

  enum class Verdict : std::uint8_t {
    recorded,   ///< the first copy
    duplicate,  ///< a later copy of a packet that had come
    malformed,  ///< too short, or its error estimate is illegal
    foreign,    ///< a number that this session does not have
    off_time,   ///< its stamp is more than the timeout away from its arrival or its schedule
    late,       ///< came after its packet had been declared lost
    full,       ///< more copies than are kept
  };
  Verdict arrived(std::span<const std::byte> payload, UtcTime arrival, int hop_limit, amp::ErrorEstimate own);

  /// Declares lost what had not come by its due time and the timeout. `now` never runs ahead of packets that wait
  /// unread.
  void declare_lost(UtcTime now);

  /// RFC 4656 §3.8: the sender says what it sent, and the session is over at `stopped`. Records past its last packet
  /// and losses it never sent go; so does all that was due within the timeout before `stopped`: nobody can judge it.
  /// False: a packet came that the sender says it did not send; nothing of this session is to be believed.
  bool finish(std::uint32_t next_sequence, const std::vector<SkipRange>& skips, UtcTime stopped);

  const std::vector<Record>& records() const { return records_; }
  std::vector<Record> take_records() { return std::move(records_); }
  /// How many datagrams met a verdict.
  std::uint64_t count(Verdict verdict) const { return counts_[static_cast<std::size_t>(verdict)]; }

 private:
  enum class Fate : std::uint8_t { open, came, lost };
  Verdict judge(std::span<const std::byte> payload, UtcTime arrival, int hop_limit, amp::ErrorEstimate own);
  const Plan& plan_;
  std::vector<Fate> fates_;
  std::uint32_t undecided_ = 0;  // the first packet whose time is not yet over
  std::vector<Record> records_;
  std::array<std::uint64_t, 7> counts_{};
};

}  // namespace sonde::owamp
