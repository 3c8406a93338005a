#include "probes/ping/wire.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::ping;

namespace {

/// What a host answers: the request with the reply's type.
Bytes answer(Family family, Bytes message) {
  message[0] = static_cast<std::byte>(family == Family::v4 ? 0 : 129);
  return message;
}

}  // namespace

TEST_CASE("an echo request has the size that was asked for and comes back as sent") {
  for (const Family family : {Family::v4, Family::v6}) {
    const Echo echo{0x1234, 0x1122334455667788, 70000};
    const Bytes request = encode_request(family, echo, 1000);
    CHECK(request.size() == 1008);
    CHECK(decode_reply(family, answer(family, request)) == echo);
    CHECK(decode_request(family, request) == echo);
    CHECK_FALSE(decode_reply(family, request));
  }
}

TEST_CASE("the wire's 16-bit number is the low half of the run's own") {
  const Bytes request = encode_request(Family::v4, {1, 2, 70000}, 12);
  CHECK(to_hex(std::span(request).subspan(6, 2)) == "1170");
}

TEST_CASE("replies cut short, or with numbers that do not agree, are none") {
  const Bytes whole = answer(Family::v4, encode_request(Family::v4, {1, 2, 3}, 12));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK_FALSE(decode_reply(Family::v4, std::span(whole).first(n)));
  }
  Bytes wrong = whole;
  wrong[7] ^= std::byte{1};
  CHECK_FALSE(decode_reply(Family::v4, wrong));
  wrong = whole;
  wrong[1] = std::byte{1};
  CHECK_FALSE(decode_reply(Family::v4, wrong));
  CHECK_FALSE(decode_reply(Family::v6, whole));
}

TEST_CASE("a request that an error brings back is known even when only 8 octets of it came") {
  const Bytes request = encode_request(Family::v4, {7, 9, 5}, 100);
  const auto cut = decode_request(Family::v4, std::span(request).first(8));
  REQUIRE(cut);
  CHECK(cut->sequence == 5);
  CHECK(cut->cookie == 0);
  CHECK_FALSE(decode_request(Family::v4, std::span(request).first(7)));
}
