#include "probes/clock/chrony_wire.h"

#include <cmath>

namespace sonde::clock {
namespace {

constexpr std::uint8_t kVersion = 6, kRequest = 1, kReply = 2;
constexpr std::uint16_t kTracking = 33, kTrackingReply = 5;
constexpr std::uint16_t kLeapUnsynchronised = 3;

}  // namespace

double decode_chrony_float(std::uint32_t bits) {
  constexpr int kCoefficientBits = 25, kExponentBits = 7;
  int exponent = static_cast<int>(bits >> kCoefficientBits);
  if (exponent >= 1 << (kExponentBits - 1)) exponent -= 1 << kExponentBits;
  auto coefficient = static_cast<std::int32_t>(bits % (1U << kCoefficientBits));
  if (coefficient >= 1 << (kCoefficientBits - 1)) coefficient -= 1 << kCoefficientBits;
  return std::ldexp(coefficient, exponent - kCoefficientBits);
}

Bytes encode_tracking_request(std::uint32_t sequence) {
  ByteWriter out;
  out.u8(kVersion).u8(kRequest).u16(0).u16(kTracking).u16(0).u32(sequence);
  out.zeros(kTrackingOctets - out.size());
  return out.take();
}

std::optional<Tracking> decode_tracking_reply(std::span<const std::byte> data, std::uint32_t sequence) {
  ByteReader in(data);
  if (in.u8() != kVersion || in.u8() != kReply) return std::nullopt;
  in.skip(2);
  const auto command = in.u16(), reply = in.u16(), status = in.u16();
  in.skip(6);
  const auto answered = in.u32();
  in.skip(8);
  Tracking tracking;
  tracking.reference_id = in.u32();
  in.skip(20);
  tracking.stratum = in.u16();
  const auto leap = in.u16();
  in.skip(12);
  // chrony counts what is still to be corrected: a positive correction means that the clock is slow.
  tracking.offset_s = -decode_chrony_float(in.u32());
  in.skip(8);
  tracking.frequency_ppm = decode_chrony_float(in.u32());
  in.skip(4);
  tracking.skew_ppm = decode_chrony_float(in.u32());
  tracking.root_delay_s = decode_chrony_float(in.u32());
  tracking.root_dispersion_s = decode_chrony_float(in.u32());
  in.skip(4);
  if (!in.ok() || command != kTracking || reply != kTrackingReply || status != 0 || answered != sequence)
    return std::nullopt;
  tracking.synchronised = leap != kLeapUnsynchronised && tracking.stratum > 0 && tracking.stratum < 16;
  return tracking;
}

}  // namespace sonde::clock
