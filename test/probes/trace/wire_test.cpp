#include "probes/trace/wire.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::trace;

namespace {

const Probe kProbe{0x11223344, 9, 2, 1};

/// RFC 1071 over the message with the checksum field empty, as socket or kernel does it.
std::uint16_t checksum(std::span<const std::byte> message) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < message.size(); i += 2)
    if (i != 2) sum += std::to_integer<unsigned>(message[i]) << 8 | std::to_integer<unsigned>(message[i + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

Bytes reply_to(Family family, Bytes request) {
  request[0] = static_cast<std::byte>(family == Family::v4 ? 0 : 129);
  return request;
}

/// Each prefix, and each flipped bit, of a message.
template <typename Check>
void damage(const Bytes& message, Check check) {
  for (std::size_t n = 0; n < message.size(); ++n) check(std::span(message).first(n));
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes flipped = message;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    check(std::span<const std::byte>(flipped));
  }
}

bool sane(const std::optional<Probe>& probe) {
  return !probe || (probe->hop >= 1 && probe->hop <= kMostHops && probe->flow < kFlows && probe->round < kRounds);
}

}  // namespace

TEST_CASE("a UDP probe is 40 octets with its headers over IPv4 and comes back as sent") {
  const Bytes payload = encode_payload(kProbe);
  CHECK(payload.size() + 8 + 20 == 40);
  CHECK(decode_payload(payload) == kProbe);
  CHECK(decode_payload(std::span(payload).first(8)) == kProbe);
}

TEST_CASE("an echo probe comes back from the target and from a router that quotes all or only the header") {
  for (const Family family : {Family::v4, Family::v6}) {
    const Bytes request = encode_echo(family, kProbe, 77, 4711);
    CHECK(request.size() + 20 == 40);
    CHECK(decode_reply(family, reply_to(family, request)) == kProbe);
    CHECK_FALSE(decode_reply(family, request));
    CHECK(decode_request(family, request) == kProbe);
    const auto cut = decode_request(family, std::span(request).first(8));
    REQUIRE(cut);
    CHECK(*cut == Probe{0, kProbe.hop, kProbe.flow, kProbe.round});
  }
}

TEST_CASE("the checksum of an echo probe is the flow's own, whatever hop, run and identifier") {
  for (const std::uint16_t wanted : {0, 1, 4711, 0x8000, 0xfffe})
    for (const std::uint16_t identifier : {0, 1, 0x1234, 0xffff})
      for (std::uint8_t hop = 1; hop <= kMostHops; ++hop) {
        const Bytes request = encode_echo(Family::v4, {0xdeadbeefU + hop, hop, 1, 0}, identifier, wanted);
        INFO(wanted << ' ' << identifier << ' ' << int{hop});
        CHECK(checksum(request) == wanted);
      }
}

TEST_CASE("cut and flipped answers are refused or name a probe that can be") {
  damage(encode_payload(kProbe), [](std::span<const std::byte> data) { CHECK(sane(decode_payload(data))); });
  for (const Family family : {Family::v4, Family::v6}) {
    const Bytes request = encode_echo(family, kProbe, 77, 4711);
    damage(request, [&](std::span<const std::byte> data) { CHECK(sane(decode_request(family, data))); });
    damage(reply_to(family, request), [&](std::span<const std::byte> data) {
      const auto probe = decode_reply(family, data);
      CHECK(sane(probe));
      if (data.size() < request.size()) CHECK_FALSE(probe);
    });
  }
}

TEST_CASE("the payload of somebody else is none of ours") {
  Bytes foreign = encode_payload(kProbe);
  foreign[7] = std::byte{0};
  CHECK_FALSE(decode_payload(foreign));
  CHECK_FALSE(decode_payload({}));
  Bytes other_hop = encode_echo(Family::v4, kProbe, 1, 1);
  other_hop[6] = std::byte{8};  // the sequence says another hop than the payload
  CHECK_FALSE(decode_request(Family::v4, other_hop));
}
