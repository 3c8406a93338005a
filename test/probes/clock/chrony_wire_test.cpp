#include "probes/clock/chrony_wire.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::clock;

namespace {

/// Coefficient and exponent as chrony packs them: value = coefficient × 2^(exponent − 25).
std::uint32_t packed(int coefficient, int exponent) {
  return static_cast<std::uint32_t>(exponent & 127) << 25 | (static_cast<std::uint32_t>(coefficient) & 0x1ffffff);
}

Bytes reply(std::uint32_t sequence, std::uint16_t leap = 0, std::uint16_t stratum = 2) {
  ByteWriter out;
  out.u8(6).u8(2).u16(0).u16(33).u16(5).u16(0).zeros(6).u32(sequence).zeros(8);
  out.u32(0xc0000201).zeros(20).u16(stratum).u16(leap).zeros(12);
  out.u32(packed(1 << 23, -15)).zeros(8);                          // correction 2^-17 s
  out.u32(packed(-(1 << 23), 4)).zeros(4);                         // frequency -4 ppm
  out.u32(packed(1 << 23, 0));                                     // skew 2^-2 ppm
  out.u32(packed(1 << 23, -7)).u32(packed(1 << 23, -8)).zeros(4);  // root delay 2^-9 s, dispersion 2^-10 s
  return out.take();
}

}  // namespace

TEST_CASE("a chrony request is as large as the reply, so that it amplifies nothing") {
  const Bytes request = encode_tracking_request(0x01020304);
  CHECK(request.size() == kTrackingOctets);
  CHECK(to_hex(std::span(request).first(12)) == "060100000021000001020304");
}

TEST_CASE("a tracking reply tells offset, bound and stratum with our sign") {
  const Bytes data = reply(42);
  REQUIRE(data.size() == kTrackingOctets);
  const auto tracking = decode_tracking_reply(data, 42);
  REQUIRE(tracking);
  CHECK(tracking->synchronised);
  CHECK(tracking->stratum == 2);
  CHECK(tracking->offset_s == -0x1p-17);  // chrony would add it: the clock is slow
  CHECK(tracking->frequency_ppm == -4.0);
  CHECK(tracking->root_delay_s == 0x1p-9);
  CHECK(tracking->root_dispersion_s == 0x1p-10);
}

TEST_CASE("a server that is not synchronised is not believed") {
  CHECK_FALSE(decode_tracking_reply(reply(1, 3), 1)->synchronised);
  CHECK_FALSE(decode_tracking_reply(reply(1, 0, 0), 1)->synchronised);
  CHECK_FALSE(decode_tracking_reply(reply(1, 0, 16), 1)->synchronised);
}

TEST_CASE("replies cut short, of another request or with an error status are none") {
  const Bytes whole = reply(42);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK_FALSE(decode_tracking_reply(std::span(whole).first(n), 42));
  }
  CHECK_FALSE(decode_tracking_reply(whole, 43));
  for (const std::size_t at : {0u, 1u, 5u, 7u, 9u}) {
    Bytes wrong = whole;
    wrong[at] ^= std::byte{1};
    INFO(at);
    CHECK_FALSE(decode_tracking_reply(wrong, 42));
  }
}

TEST_CASE("chrony's floats cover zero, signs and extremes") {
  CHECK(decode_chrony_float(0) == 0.0);
  CHECK(decode_chrony_float(packed(1, 25)) == 1.0);
  CHECK(decode_chrony_float(packed(-1, 25)) == -1.0);
  CHECK(decode_chrony_float(packed(1 << 23, -64)) == 0x1p-66);
}
