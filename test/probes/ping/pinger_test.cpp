#include "probes/ping/pinger.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

/// One record a letter: '.' lost, a digit = answered after so many milliseconds.
std::vector<PacketRecord> records(std::string_view pattern) {
  std::vector<PacketRecord> all;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    PacketRecord r;
    r.sequence = static_cast<std::uint32_t>(i);
    r.sent = r.scheduled = utc_from_seconds(static_cast<std::int64_t>(1'800'000'000 + i));
    if (pattern[i] != '.') r.received = r.sent + (pattern[i] - '0') * 1ms;
    all.push_back(r);
  }
  return all;
}

std::optional<double> value(std::string_view pattern, std::string_view key) {
  std::vector<Statistic> out;
  const auto all = records(pattern);
  ping::append_pinger_statistics(all, all.size(), out);
  for (const Statistic& s : out)
    if (s.metric->key == key) return s.value;
  FAIL("no such statistic");
  return {};
}

}  // namespace

TEST_CASE("conditional loss is the share of losses followed by a loss") {
  CHECK(value("1..1.1....", "ping.conditional_loss") == Approx(4.0 / 6));
  CHECK_FALSE(value("1111", "ping.conditional_loss"));
  CHECK(value("1.1.1", "ping.conditional_loss") == Approx(0.0));
}

TEST_CASE("the spread of differences needs five answers in a row and leaves gaps out") {
  CHECK_FALSE(value("11.11", "ping.iqr"));
  CHECK(value("11111", "ping.iqr") == Approx(0.0));
  // differences −3, −1, +1, +1, 0, +3, 0 ms: the quartiles of the sorted seven are 0 and 1 ms
  CHECK(value("85456699", "ping.iqr") == Approx(1e-3));
}

TEST_CASE("only silence is unreachable") {
  CHECK(value("...", "ping.unreachable") == 1.0);
  CHECK(value("..1", "ping.unreachable") == 0.0);
}
