#include "probes/owamp/admission.h"

#include <catch2/catch.hpp>

#include "probes/owamp/session_store.h"
#include "test/probes/owamp/plans.h"

using namespace sonde;
using namespace sonde::owamp;
using namespace sonde::test;
using amp::Accept;

namespace {

const UtcTime kNow = kPlanStart - 1s;
IpAddress address(int last) { return *IpAddress::parse("192.0.2." + std::to_string(last)); }
Allowance on_link() { return {true, 100, 3600, 6, 16, 1'000'000'000, "on-link"}; }
Request request(std::uint32_t packets = 50, Duration interval = 100ms) { return even_plan(packets, interval).request; }
Accept claim(Admission& admission, const Request& wanted, const Allowance& allowance = on_link(), int source = 1) {
  return admission.claim(address(source), allowance, wanted, kNow).accept;
}

}  // namespace

TEST_CASE("eight half-open connections a source and 64 in all") {
  Admission admission;
  for (int source = 1; source <= 8; ++source) {
    for (int i = 0; i < 8; ++i) CHECK(admission.enter(address(source)));
    CHECK_FALSE(admission.enter(address(source)));
  }
  CHECK_FALSE(admission.enter(address(9)));
  admission.leave(address(1), false);
  CHECK(admission.enter(address(9)));
}

TEST_CASE("an IPv6 source is a /64") {
  Admission admission;
  for (int i = 0; i < 8; ++i) CHECK(admission.enter(*IpAddress::parse("2001:db8::" + std::to_string(i + 1))));
  CHECK_FALSE(admission.enter(*IpAddress::parse("2001:db8::ffff")));
  CHECK(admission.enter(*IpAddress::parse("2001:db8:0:1::1")));
}

TEST_CASE("a settled connection frees its half-open place, and a source keeps only so many") {
  Admission admission;
  for (int i = 0; i < 6; ++i) {
    CHECK(admission.enter(address(1)));
    CHECK(admission.settle(address(1), 4));
  }
  CHECK(admission.enter(address(1)));
  CHECK_FALSE(admission.settle(address(1), 4));
  admission.leave(address(1), true);
  CHECK(admission.settle(address(1), 4));
}

TEST_CASE("a session that asks for more than is ever allowed is refused for good") {
  Admission admission;
  CHECK(claim(admission, request()) == Accept::ok);
  CHECK(claim(admission, request(0)) == Accept::permanent_limit);
  CHECK(claim(admission, request(kMostPackets + 1, 10ms)) == Accept::permanent_limit);
  CHECK(claim(admission, request(50, 9ms)) == Accept::permanent_limit);         // 111 packets/s
  CHECK(claim(admission, request(36'002, 100ms)) == Accept::permanent_limit);   // over an hour
  CHECK(claim(admission, request(50, Duration{})) == Accept::permanent_limit);  // no interval: endless rate
  Request wanted = request();
  wanted.padding = kMostPadding + 1;
  CHECK(claim(admission, wanted) == Accept::permanent_limit);
  wanted = request();
  wanted.timeout = amp::to_ntp_length(121s);
  CHECK(claim(admission, wanted) == Accept::permanent_limit);
  wanted.timeout = 0;
  CHECK(claim(admission, wanted) == Accept::permanent_limit);
  Allowance little = on_link();
  little.octets_per_day = 50 * 42 - 1;
  CHECK(claim(admission, request(), little) == Accept::permanent_limit);
}

TEST_CASE("a hundred packets a second cut to 32.32 are still a hundred") {
  Admission admission;
  Request wanted = request(50, 10ms);
  wanted.slots[0].length = 0x028f5c28;  // 10 ms, cut
  CHECK(claim(admission, wanted) == Accept::ok);
}

TEST_CASE("a start long past would begin with a burst and one far ahead holds a place for nothing") {
  Admission admission;
  Request wanted = request();
  for (const auto& [shift, accept] :
       {std::pair{-9s, Accept::ok}, {-11s, Accept::rejected}, {599s, Accept::ok}, {601s, Accept::rejected}}) {
    wanted.start = amp::to_ntp(kNow + shift);
    CHECK(claim(admission, wanted) == accept);
  }
}

TEST_CASE("rates of one source add up where sessions overlap") {
  Admission admission;
  for (int i = 0; i < 10; ++i) CHECK(claim(admission, request()) == Accept::ok);  // 100 packets/s
  CHECK(claim(admission, request()) == Accept::temporary_limit);
  CHECK(claim(admission, request(), on_link(), 2) == Accept::ok);
  Request later = request();
  later.start = amp::to_ntp(kPlanStart + 5s);
  CHECK(claim(admission, later) == Accept::ok);
}

TEST_CASE("a source has only so many sessions at once, and a released one frees its place") {
  Admission admission;
  Allowance two = on_link();
  two.sessions = 2;
  const auto first = admission.claim(address(1), two, request(), kNow);
  CHECK(first.accept == Accept::ok);
  CHECK(claim(admission, request(), two) == Accept::ok);
  CHECK(claim(admission, request(), two) == Accept::temporary_limit);
  admission.release(address(1), first.id);
  CHECK(claim(admission, request(), two) == Accept::ok);
}

TEST_CASE("octets of a day are counted by source and begin anew with the next day") {
  Admission admission;
  Allowance daily = on_link();
  daily.octets_per_day = 2 * 50 * 42;
  CHECK(claim(admission, request(), daily) == Accept::ok);
  CHECK(claim(admission, request(), daily) == Accept::ok);
  CHECK(claim(admission, request(), daily) == Accept::temporary_limit);
  CHECK(claim(admission, request(), daily, 2) == Accept::ok);
  Request tomorrow = request();
  tomorrow.start = amp::to_ntp(kNow + 24h);
  CHECK(admission.claim(address(1), daily, tomorrow, kNow + 24h).accept == Accept::ok);
}

TEST_CASE("all sessions together keep to the memory they are given") {
  Admission admission;
  const Allowance all{true, 100'000, 86'400, 64, 64, 1'000'000'000'000, "all"};
  for (int i = 1; i <= 5; ++i) CHECK(claim(admission, request(100'000, 10ms), all, i) == Accept::ok);
  CHECK(claim(admission, request(1), all, 6) == Accept::temporary_limit);
}

TEST_CASE("sources that come and go do not fill the table") {
  Admission admission;
  for (std::uint32_t i = 0; i < 3 * Admission::kSources; ++i) {
    const Bytes bytes = ByteWriter{}.u32(0x0a000000 + i).take();
    const IpAddress peer = IpAddress::v4(std::span<const std::byte, 4>(bytes));
    if (!admission.enter(peer)) FAIL("a newcomer was refused");
    admission.leave(peer, false);
  }
}

TEST_CASE("received sessions are handed to their own source once, or forgotten after ten minutes") {
  Admission admission;
  SessionStore store(admission);
  const SteadyTime begin{};
  const auto keep = [&](int number, SteadyTime now) {
    FetchReply reply{Accept::ok, true, 3, {}, request(3), {{0, {1}, {1}, {5}, {6}, 255}, {1, {1}, {1}, {7}, {8}, 255}}};
    reply.request.sid[15] = static_cast<std::byte>(number);
    store.add(address(1), reply, now);
    return reply;
  };
  const FetchReply kept = keep(1, begin);
  const FetchSession whole{0, UINT32_MAX, kept.request.sid};
  CHECK(store.fetch(address(2), whole).accept == Accept::rejected);
  CHECK(store.fetch(address(1), {1, 1, whole.sid}).records.size() == 1);
  CHECK(store.fetch(address(1), whole) == kept);
  CHECK(store.fetch(address(1), whole).accept == Accept::rejected);
  keep(2, begin);
  keep(3, begin + 5min);
  store.tidy(begin + 10min);
  CHECK(store.size() == 1);
}
