#pragma once

#include <span>

#include "core/base/bytes.h"

namespace sonde::amp {

/// What has come over a control connection and is not yet a message: TCP keeps no borders.
/// The place where a key mode will decipher what it is fed (RFC 4656 §3.1); open mode takes it as it is.
class ControlBuffer {
 public:
  void feed(std::span<const std::byte> data) { data_.insert(data_.end(), data.begin(), data.end()); }
  std::span<const std::byte> view() const { return data_; }
  std::size_t size() const { return data_.size(); }
  /// Cuts the first `n` octets off and hands them over; `n` <= size().
  Bytes take(std::size_t n) {
    const auto end = data_.begin() + static_cast<std::ptrdiff_t>(n);
    Bytes message(data_.begin(), end);
    data_.erase(data_.begin(), end);
    return message;
  }
  void clear() { data_ = {}; }

 private:
  Bytes data_;
};

}  // namespace sonde::amp
