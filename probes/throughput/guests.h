#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "core/access/limits.h"
#include "probes/throughput/wire.h"

namespace sonde::throughput {

/// Why a test is refused, for the client (iperf3's number, or simply "busy") and in a sentence for our log.
struct Refusal {
  std::optional<Trouble> trouble;
  std::string sentence;
};

/// Who may have how much of this server, by source (an IPv4 address or an IPv6 /64). Pure counting, no network. Every
/// number is bounded, so strangers cannot fill the memory.
class Guests {
 public:
  static constexpr std::size_t kHalfOpen = 64, kHalfOpenPerSource = 8, kSources = 4096;
  /// UDP from other hosts, over all streams; a rule with more packets of 1500 octets allows more.
  static constexpr std::uint64_t kUdpBitsPerSecond = 50'000'000;

  /// A connection that has not yet said whose it is. False = one too many: it was not counted.
  bool enter(const IpAddress& peer);
  void leave(const IpAddress& peer);

  /// Empty = the test may run, as far as this source is concerned; it is counted from begin() on.
  std::optional<Refusal> judge(const IpAddress& peer, const Allowance& allowance, const Parameters& parameters,
                               SteadyTime now);
  void begin(const IpAddress& peer, SteadyTime now);
  void note_octets(const IpAddress& peer, std::uint64_t octets, SteadyTime now);

 private:
  struct Source {
    std::size_t half_open = 0;
    std::deque<SteadyTime> tests;  // of the last hour
    std::uint64_t octets = 0;      // since day_begin
    SteadyTime day_begin{};
  };
  Source* source_of(const IpAddress& peer, SteadyTime now);
  std::map<IpAddress, Source> sources_;
  std::size_t half_open_ = 0;
};

/// The longest that this test may take from the first datum to the last. For one that ends by its octets: what
/// 100 Mbit/s would need, at least 10 s, and never more than is allowed.
Duration longest(const Parameters& parameters, const Allowance& allowance);

}  // namespace sonde::throughput
