#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sonde {

using Bytes = std::vector<std::byte>;

/// Reads big-endian fields in order. Once a read passes the end, ok() is false for good and reads give zeros:
/// a decoder reads everything and asks once.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> data) : data_(data) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  void skip(std::size_t n) { take(n); }
  /// The next n bytes, or an empty span when there are not as many.
  std::span<const std::byte> take(std::size_t n) {
    if (n > data_.size()) {
      ok_ = false;
      data_ = {};
      return {};
    }
    auto head = data_.first(n);
    data_ = data_.subspan(n);
    return head;
  }
  template <std::size_t N>
  void copy(std::span<std::byte, N> out) {
    auto in = take(N);
    if (in.size() == N) std::memcpy(out.data(), in.data(), N);
  }
  std::size_t left() const { return data_.size(); }
  bool ok() const { return ok_; }

 private:
  std::uint64_t number(std::size_t n) {
    std::uint64_t value = 0;
    for (std::byte b : take(n)) value = value << 8 | static_cast<std::uint8_t>(b);
    return value;
  }
  std::span<const std::byte> data_;
  bool ok_ = true;
};

/// Appends big-endian fields to a buffer it owns.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t v) { return number(v, 1); }
  ByteWriter& u16(std::uint16_t v) { return number(v, 2); }
  ByteWriter& u32(std::uint32_t v) { return number(v, 4); }
  ByteWriter& u64(std::uint64_t v) { return number(v, 8); }
  ByteWriter& zeros(std::size_t n) {
    data_.resize(data_.size() + n);
    return *this;
  }
  ByteWriter& bytes(std::span<const std::byte> in) {
    data_.insert(data_.end(), in.begin(), in.end());
    return *this;
  }
  std::size_t size() const { return data_.size(); }
  const Bytes& data() const { return data_; }
  Bytes take() { return std::move(data_); }

 private:
  ByteWriter& number(std::uint64_t v, int n) {
    for (int i = n - 1; i >= 0; --i) data_.push_back(static_cast<std::byte>(v >> (8 * i)));
    return *this;
  }
  Bytes data_;
};

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(std::span<const std::byte> data);
/// Empty when `text` is not an even number of hexadecimal digits.
Bytes from_hex(std::string_view text);
inline std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace sonde
