#pragma once

#include <map>
#include <vector>

#include "core/access/limits.h"
#include "probes/owamp/wire.h"

namespace sonde::owamp {

/// Who may have how much of this server: doors and sessions, by source (an IPv4 address or an IPv6 /64). Pure counting,
/// no network. Every number is bounded, so strangers cannot fill the memory.
class Admission {
 public:
  static constexpr std::size_t kHalfOpen = 64, kHalfOpenPerSource = 8;
  static constexpr std::size_t kConnections = 1024, kSources = 4096;
  /// Packets of all sessions that run or wait to be fetched; some 60 octets each.
  static constexpr std::uint64_t kPackets = 500'000;
  static constexpr Duration kLongestTimeout = std::chrono::seconds{120};
  /// A start further back would begin with a burst, one further ahead would hold its place for nothing.
  static constexpr Duration kFurthestBack = std::chrono::seconds{10}, kFurthestAhead = std::chrono::minutes{10};

  /// A control connection that has not yet said its first word. False = one too many: it was not counted.
  bool enter(const IpAddress& peer);
  /// It has spoken. False = this source holds more connections than its `sessions` can use: it goes on as half open.
  bool settle(const IpAddress& peer, std::uint32_t sessions);
  /// It is gone.
  void leave(const IpAddress& peer, bool settled);

  /// A place for one session, held until release(); id 0 = refused with `accept`.
  struct Claim {
    amp::Accept accept = amp::Accept::ok;
    std::uint64_t id = 0;
  };
  Claim claim(const IpAddress& peer, const Allowance& allowance, const Request& request, UtcTime now);
  void release(const IpAddress& peer, std::uint64_t id);
  /// Records that wait to be fetched count until forget().
  void keep(std::uint64_t records) { packets_ += records; }
  void forget(std::uint64_t records) { packets_ -= records; }

 private:
  struct Running {
    std::uint64_t id = 0;
    double packets_per_second = 0;
    UtcTime begin{}, end{};
    std::uint64_t packets = 0;
  };
  struct Source {
    std::size_t half_open = 0, connections = 0;
    std::vector<Running> running;
    std::int64_t day = 0;
    std::uint64_t octets = 0;  // of that day
  };
  Source* source_of(const IpAddress& peer);
  std::map<IpAddress, Source> sources_;
  std::size_t half_open_ = 0, connections_ = 0;
  std::uint64_t packets_ = 0, next_id_ = 1;
  std::int64_t today_ = 0;
};

}  // namespace sonde::owamp
