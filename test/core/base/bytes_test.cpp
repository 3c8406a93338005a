#include "core/base/bytes.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("big-endian fields come back as written") {
  const Bytes data = ByteWriter{}.u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).zeros(1).take();
  CHECK(to_hex(data) == "0102030405060708090a0b0c0d0e0f00");
  ByteReader in(data);
  CHECK(in.u8() == 1);
  CHECK(in.u16() == 0x0203);
  CHECK(in.u32() == 0x04050607);
  CHECK(in.u64() == 0x08090a0b0c0d0e0f);
  CHECK(in.ok());
  CHECK(in.left() == 1);
}

TEST_CASE("a read past the end gives zeros and stays failed") {
  const Bytes data = from_hex("0102");
  ByteReader in(data);
  CHECK(in.u32() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.u8() == 0);
  CHECK_FALSE(in.ok());
}

TEST_CASE("odd or foreign digits are no hexadecimal") {
  CHECK(from_hex("abc").empty());
  CHECK(from_hex("zz").empty());
  CHECK(to_hex(from_hex("00fFaB")) == "00ffab");
}
