#pragma once

#include <optional>
#include <vector>

#include "probes/throughput/mover.h"

namespace sonde::throughput {

/// One second (or what the run ended in) of one stream.
struct StreamInterval {
  std::uint64_t octets = 0, packets = 0;
  std::int64_t lost = 0;
  double jitter_seconds = 0;
  std::optional<std::uint64_t> retransmits;
  std::optional<TcpState> tcp;  ///< at its end
};
struct IntervalReading {
  Duration begin{}, end{};  ///< since the data began to move
  bool omitted = false;
  std::vector<StreamInterval> streams;  ///< in the order of the flows
};

/// What one end saw of a test: intervals, and the totals of the time that counts. Asks a mover, keeps no socket.
class Meter {
 public:
  struct Course {
    Duration omitted{};        ///< at the start, and in nothing that counts
    std::uint64_t octets = 0;  ///< to send once that is over; 0 = endless
  };
  Meter(Plan plan, Mover& mover, Course course) : plan_(std::move(plan)), mover_(mover), course_(course) {}
  /// The data begins to move.
  void begin(SteadyTime now);
  /// Does what is due: ends the omitted time, closes an interval each second.
  void tick(SteadyTime now);
  SteadyTime next_tick() const;
  /// Takes the last reading; further ones change nothing.
  void end(SteadyTime now);

  bool begun() const { return begin_ != SteadyTime{}; }
  bool counting() const { return begun() && !omitting_; }
  /// When that began.
  SteadyTime counted_from() const { return counted_from_; }
  const std::vector<IntervalReading>& intervals() const { return intervals_; }
  /// Octets and packets that count, over all streams of one role, as of now.
  std::uint64_t octets(Role role) const;
  const std::vector<Moved>& last() const { return last_; }
  const std::vector<Moved>& base() const { return base_; }
  /// This end's results for the peer.
  std::vector<StreamResult> results() const;
  StreamResult result(std::size_t flow) const;
  /// Of the data of one stream: from the first that counts to the last.
  double seconds(std::size_t flow) const;
  const Plan& plan() const { return plan_; }

 private:
  void end_of_omitted(SteadyTime now);
  void close_interval(SteadyTime now);
  const Plan plan_;
  Mover& mover_;
  const Course course_;
  SteadyTime begin_{}, counted_from_{}, interval_begin_{};
  bool omitting_ = true, ended_ = false;
  std::vector<Moved> base_, previous_, last_;
  std::vector<IntervalReading> intervals_;
};

/// What this end tells the peer at the end.
EndResults end_results(const Meter& meter, const Mover& mover, SteadyTime now);

}  // namespace sonde::throughput
