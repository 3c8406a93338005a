#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace sonde {

/// Appends the primitives of every stored body (README.md, "Numbers"): varints, zigzag, texts, reals.
class CodingWriter {
 public:
  void number(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) data_.push_back(static_cast<std::byte>(v | 0x80));
    data_.push_back(static_cast<std::byte>(v));
  }
  void whole(std::int64_t v) { number(static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63)); }
  void octet(std::uint8_t v) { data_.push_back(static_cast<std::byte>(v)); }
  void bytes(std::span<const std::byte> v) {
    number(v.size());
    data_.insert(data_.end(), v.begin(), v.end());
  }
  void text(std::string_view v) { bytes(as_bytes(v)); }
  void real(double v) {
    for (std::uint64_t bits = std::bit_cast<std::uint64_t>(v), i = 0; i < 8; ++i) octet(bits >> (8 * i) & 0xff);
  }
  Bytes take() { return std::move(data_); }
  void reserve(std::size_t octets) { data_.reserve(octets); }

 private:
  Bytes data_;
};

/// Reads what CodingWriter wrote, from bytes that may be damaged: once a read fails, ok() is false for good and
/// reads give zeros.
class CodingReader {
 public:
  explicit CodingReader(std::span<const std::byte> data) : data_(data) {}
  std::uint64_t number() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t b = octet();
      if (shift == 63 && b > 1) break;
      v |= (b & 0x7f) << shift;
      if (b < 0x80) return ok_ ? v : 0;
    }
    return fail();
  }
  std::int64_t whole() {
    const std::uint64_t v = number();
    return static_cast<std::int64_t>(v >> 1 ^ (~(v & 1) + 1));
  }
  std::uint8_t octet() {
    if (data_.empty()) return static_cast<std::uint8_t>(fail());
    const auto v = static_cast<std::uint8_t>(data_.front());
    data_ = data_.subspan(1);
    return v;
  }
  std::span<const std::byte> bytes() {
    const std::uint64_t n = number();
    if (n > data_.size()) return fail(), std::span<const std::byte>{};
    const auto head = data_.first(n);
    data_ = data_.subspan(n);
    return head;
  }
  std::string text() {
    const auto b = bytes();
    return {reinterpret_cast<const char*>(b.data()), b.size()};
  }
  double real() {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(octet()) << (8 * i);
    return std::bit_cast<double>(bits);
  }
  /// How many items follow, each at least one octet: a count that the rest cannot hold fails before any allocation.
  std::size_t count() {
    const std::uint64_t n = number();
    return n > data_.size() ? fail() : n;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && data_.empty(); }

 private:
  std::uint64_t fail() {
    ok_ = false;
    data_ = {};
    return 0;
  }
  std::span<const std::byte> data_;
  bool ok_ = true;
};

}  // namespace sonde
