#pragma once

#include <memory>

#include "core/run/session.h"
#include "probes/owamp/plan.h"

namespace sonde::owamp {

/// The sending end of one session (RFC 4656 §4.1): each packet at its time, late ones at once, too late ones never.
/// Lives on one loop; whoever owns it asks next_due() and calls send_next() then.
class Sender {
 public:
  /// Sends `packets` packets of the plan, which may be fewer than it has. The plan outlives it.
  Sender(const Plan& plan, std::uint32_t packets, Random& random);

  bool done() const { return next_ == packets_; }
  /// When the next packet is due; not to be asked when done.
  UtcTime next_due() const { return plan_.due[next_]; }
  /// Stamps the next packet with now.utc, to be read just before, and sends it, or skips it where it is later than the
  /// timeout.
  void send_next(Now now, amp::ErrorEstimate error, Outbox& out, SocketId socket, const Endpoint& to);
  /// No further packet leaves.
  void stop() { packets_ = next_; }

  /// What Stop-Sessions says about this session.
  StoppedSession stopped() const { return {plan_.request.sid, next_, skips_}; }
  /// The stamp that packet `sequence` bore; empty = it never left, or not yet.
  std::optional<UtcTime> sent(std::uint32_t sequence) const;
  std::uint32_t packets() const { return packets_; }
  std::uint32_t next_sequence() const { return next_; }
  const std::vector<SkipRange>& skips() const { return skips_; }
  /// Packets that this host did not let go (an own full buffer, a firewall of its own); they are among the skips.
  std::uint32_t refused_here() const { return refused_here_; }

 private:
  void pad();
  void skip();
  const Plan& plan_;
  std::uint32_t packets_;
  std::uint32_t next_ = 0;
  std::uint32_t refused_here_ = 0;
  std::vector<UtcTime> stamps_;  // min() = skipped
  std::vector<SkipRange> skips_;
  Bytes packet_;  // header and padding, reused
  Random& random_;
};

}  // namespace sonde::owamp
