#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/bytes.h"

namespace sonde::throughput {

/// What came over a control connection and was not understood yet. Segments mean nothing: states and JSON may share
/// one.
class ControlInput {
 public:
  void add(std::span<const std::byte> data) { waiting_.insert(waiting_.end(), data.begin(), data.end()); }
  std::size_t size() const { return waiting_.size(); }

  /// The next n octets, once they are there.
  std::optional<Bytes> take(std::size_t n) {
    if (waiting_.size() < n) return std::nullopt;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(n);
    Bytes head(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return head;
  }

  enum class Json { partial, whole, too_long };
  /// JSON with its length before it, of at most `most` octets.
  Json take_json(std::size_t most, std::string& text) {
    if (waiting_.size() < 4) return Json::partial;
    const std::uint32_t length = ByteReader(waiting_).u32();
    if (length > most) return Json::too_long;
    if (waiting_.size() < 4 + std::size_t{length}) return Json::partial;
    take(4);
    const Bytes body = *take(length);
    text.assign(reinterpret_cast<const char*>(body.data()), body.size());
    return Json::whole;
  }

 private:
  Bytes waiting_;
};

}  // namespace sonde::throughput
