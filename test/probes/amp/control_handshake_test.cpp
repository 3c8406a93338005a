#include "probes/amp/control_handshake.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::amp;

TEST_CASE("set-up messages come back as they were written") {
  for (const std::uint32_t modes : {0U, 1U, 7U, 0xffffffffU}) {
    CHECK(decode_greeting(encode(Greeting{modes})) == Greeting{modes});
    CHECK(decode_set_up_response(encode(SetUpResponse{modes})) == SetUpResponse{modes});
  }
  const ServerStart start{Accept::temporary_limit, {0xeeab8479ce8cbd12}};
  CHECK(decode_server_start(encode(start)) == start);
}

TEST_CASE("set-up messages have the RFC's sizes and a shorter or longer one is none") {
  CHECK(encode(Greeting{}).size() == 64);
  CHECK(encode(SetUpResponse{}).size() == 164);
  CHECK(encode(ServerStart{}).size() == 48);
  for (std::size_t n = 0; n < 200; ++n) {
    const Bytes data(n);
    CHECK(decode_greeting(data).has_value() == (n == 64));
    CHECK(decode_set_up_response(data).has_value() == (n == 164));
    CHECK(decode_server_start(data).has_value() == (n == 48));
  }
}

TEST_CASE("the greeting's count is a power of two that strict clients take") {
  const Bytes greeting = encode(Greeting{kModeOpen});
  ByteReader in(greeting);
  in.skip(48);
  CHECK(in.u32() == 1024);
}

TEST_CASE("an answer outside 0 to 5 is none, and each answer has a meaning") {
  Bytes start = encode(ServerStart{});
  for (int octet = 0; octet < 256; ++octet) {
    start[15] = static_cast<std::byte>(octet);
    CHECK(decode_server_start(start).has_value() == (octet <= 5));
    CHECK(accept_from(static_cast<std::uint8_t>(octet)).has_value() == (octet <= 5));
  }
  for (std::uint8_t octet = 0; octet <= 5; ++octet) CHECK_FALSE(meaning(*accept_from(octet)).empty());
}
