#include "probes/amp/exponential.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/bytes.h"

using namespace sonde;
using namespace sonde::amp;

namespace {

Sid sid_of(std::string_view hex) {
  Sid sid{};
  std::ranges::copy(from_hex(hex), sid.begin());
  return sid;
}

}  // namespace

TEST_CASE("the sums of a million variates are those of RFC 4656's appendix") {
  const auto [hex, sum] = GENERATE(table<std::string, std::uint64_t>({
      {"2872979303ab47eeac028dab3829dab2", 0x000f4479bd317381},
      {"0102030405060708090a0b0c0d0e0f00", 0x000f433686466a62},
      {"deadbeefdeadbeefdeadbeefdeadbeef", 0x000f416c8884d2d3},
      {"feed0feed1feed2feed3feed4feed5ab", 0x000f3f0b4b416ec8},
  }));
  ExponentialSequence sequence(sid_of(hex));
  std::uint64_t total = 0;
  for (int i = 0; i < 1'000'000; ++i) total += sequence.next();
  CHECK(total == sum);
}

TEST_CASE("the first twenty variates and the words they use are the known ones") {
  const std::uint64_t expected[] = {0x0c2127448, 0x0e6f429b4, 0x0792b5a06, 0x0830323f2, 0x1611367dc,
                                    0x082fb41a6, 0x058570650, 0x0d3701174, 0x019374bba, 0x2f0d21360,
                                    0x2b35b2668, 0x03aaf5122, 0x172a52152, 0x1710c65c0, 0x1daad1a20,
                                    0x0689d729c, 0x14945da80, 0x01d3755c8, 0x0261871aa, 0x0cf0cc104};
  ExponentialSequence sequence(sid_of("0102030405060708090a0b0c0d0e0f00"));
  std::uint32_t words = 0;
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    CHECK(sequence.next() == expected[i]);
    words += i == 12 ? 5 : 1;
    CHECK(sequence.words() == words);
  }
}

TEST_CASE("fixed point products are cut, not rounded") {
  CHECK(multiply_fixed(1ULL << 32, 0x123456789) == 0x123456789);
  CHECK(multiply_fixed(0xffffffff, 1) == 0);
  CHECK(multiply_fixed(3ULL << 31, 3ULL << 31) == 9ULL << 30);
}

TEST_CASE("a SID bears the receiver's address and the time") {
  auto random = seeded_random(3);
  const UtcTime now = *parse_utc("2026-11-21T06:13:40.5Z");
  const Sid v4 = make_sid(*IpAddress::parse("192.0.2.7"), now, *random);
  CHECK(to_hex(v4).substr(0, 24) == "c0000207" + to_hex(ByteWriter{}.u64(to_ntp(now).bits).data()));
  const Sid v6 = make_sid(*IpAddress::parse("2001:db8::a:b"), now, *random);
  CHECK(to_hex(v6).substr(0, 8) == "000a000b");
  CHECK(to_hex(v4).substr(24) != to_hex(v6).substr(24));
}
