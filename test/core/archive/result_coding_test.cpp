#include "core/archive/result_coding.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/archive/route_coding.h"
#include "core/base/random.h"
#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

/// What the table's columns carry.
Result with_columns(Result decoded, const Result& from) {
  decoded.id = from.id;
  decoded.test = from.test;
  decoded.revision = from.revision;
  decoded.begin = from.begin;
  decoded.end = from.end;
  decoded.outcome = from.outcome;
  return decoded;
}

Result round_trip(const Result& result, Names& names) {
  auto decoded = decode_result(encode_result(result, names), names, {});
  REQUIRE(decoded);
  Result whole = with_columns(*decoded, result);
  REQUIRE(decode_packets(encode_packets(result), whole));
  auto log = decode_log(encode_log(result.log, result.begin), result.begin);
  REQUIRE(log);
  whole.log = *log;
  return whole;
}

TracedRoute some_route() {
  TracedRoute route{.target = *IpAddress::parse("2001:db8::9"), .icmp = true, .reached_at = 3, .hops = {}};
  route.hops.resize(3);
  route.hops[0].answers = {{*IpAddress::parse("fe80::1%7"), 120us, 0, 3, 0},
                           {*IpAddress::parse("2001:db8::1"), 2s, 2, 3, 1}};
  route.hops[1].silent = 3;
  route.hops[2].answers = {{route.target, -5us, 1, -1, -1}};
  return route;
}

Result strange() {
  Result r = ping_run(kStart);
  r.late = r.time_in_doubt = r.own_clocks_only = r.health.clock_stepped = r.health.own_heavy_test = true;
  r.health.cpu_steal = 0.03;
  r.intervals = {
      {{}, std::chrono::seconds{1}, Direction::forward, true, 1'000'000, {}, 3, std::chrono::milliseconds{2}, 5},
      {std::chrono::seconds{1}, std::chrono::seconds{2}, Direction::reverse, false, 7, 4, {}, {}, {}}};
  r.health.slip_p99 = -5us;
  for (double v : {0.0, -0.0, 1e300, -1e-300, 0.1, 1e-9, 123456789.123456789, 9007199254740993.0, HUGE_VAL})
    r.statistics.push_back({&metric::delay_p50, Direction::local, "eth0 \"x\"", v, {-v, {}}, Basis::sampling, "why"});
  r.remote_address = *IpAddress::parse("fe80::1");
  r.route = some_route();
  return r;
}

}  // namespace

TEST_CASE("a Result comes back from its coding to the last bit") {
  Names names;
  for (const Result& result : {owamp_minute(5), ping_run(kStart), strange(), Result{}})
    CHECK(describe(round_trip(result, names)) == describe(result));
}

TEST_CASE("a route comes back with its Result") {
  Names names;
  CHECK(round_trip(strange(), names).route == some_route());
  CHECK_FALSE(round_trip(ping_run(kStart), names).route);
}

TEST_CASE("the intervals of a saturating test come back from their coding") {
  Names names;
  CHECK(round_trip(strange(), names).intervals == strange().intervals);
}

TEST_CASE("a minute of OWAMP without histograms takes at most 900 octets") {
  Names names;
  CHECK(encode_result(owamp_minute(5), names).size() <= 900);
}

TEST_CASE("one value is found without decoding the rest") {
  Names names;
  const Bytes body = encode_result(owamp_minute(5), names);
  const auto found = find_coded_value(body, names.find("loss.ratio"), Direction::forward, "");
  REQUIRE(found);
  CHECK(found->value == 2.0 / 600);
  CHECK_FALSE(find_coded_value(body, names.find("loss.ratio"), Direction::round_trip, ""));
  CHECK_FALSE(find_coded_value(body, names.find("loss.ratio"), Direction::forward, "eth0"));
}

TEST_CASE("a metric that no probe knows any more keeps its key") {
  Names names;
  static const Metric old{"old.metric", "an old one", Unit::seconds, MetricKind::gauge, "", ""};
  Result r;
  r.statistics.push_back({&old, Direction::local, {}, 3.0, {}, Basis::none, {}});
  const auto decoded = decode_result(encode_result(r, names), names, {});
  REQUIRE(decoded);
  CHECK(decoded->statistics[0].metric->key == "old.metric");
  CHECK(decoded->statistics[0].value == 3.0);
}

TEST_CASE("a cut or flipped body is refused or read, never a crash") {
  Names names;
  const Result result = strange();
  const Bytes body = encode_result(result, names), packets = encode_packets(result),
              log = encode_log(result.log, kStart);
  for (std::size_t n = 0; n < body.size(); ++n) CHECK_FALSE(decode_result(std::span(body).first(n), names, {}));
  for (std::size_t n = 0; n < packets.size(); ++n) {
    Result copy = result;
    CHECK_FALSE(decode_packets(std::span(packets).first(n), copy));
  }
  auto random = seeded_random(7);
  for (int i = 0; i < 20'000; ++i) {
    Bytes damaged = body, damaged_packets = packets, damaged_log = log;
    for (Bytes* b : {&damaged, &damaged_packets, &damaged_log})
      (*b)[random->below(b->size())] ^= static_cast<std::byte>(1U << random->below(8));
    decode_result(damaged, names, {});
    find_coded_value(damaged, 1, Direction::forward, "");
    Result copy = result;
    decode_packets(damaged_packets, copy);
    decode_log(damaged_log, kStart);
  }
}

TEST_CASE("a count that the rest cannot hold is refused before anything is allocated") {
  Names names;
  const auto bytes = from_hex("01ffffffffffffffff7f");
  CHECK_FALSE(decode_result(bytes, names, {}));
  Result none;
  CHECK_FALSE(decode_packets(bytes, none));
  CHECK_FALSE(decode_log(bytes, kStart));
}
