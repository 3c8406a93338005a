#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/base/time.h"

namespace sonde {

/// The only door to libarchive: a POSIX tar, gzip'd, that goes through as a stream, one member after the other. Both
/// throw Error with a sentence. Used by one thread at a time.
class PackWriter {
 public:
  /// False: nobody takes it any more.
  using Sink = std::function<bool(std::span<const char>)>;
  explicit PackWriter(Sink sink);
  ~PackWriter();  ///< without finish() what was written ends in the middle, and shows it
  /// A member of exactly so many octets; they are to be given by write().
  void begin(const std::string& name, std::uint64_t octets, UtcTime changed);
  void write(std::span<const char> piece);
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads what anybody may have sent: takes regular files only, never more of a member than it announced.
class PackReader {
 public:
  /// Fills as far as it can; 0 at the end; empty when the sender broke off.
  using Source = std::function<std::optional<std::size_t>(std::span<char>)>;
  explicit PackReader(Source source);
  ~PackReader();
  struct Member {
    std::string name;
    std::uint64_t octets = 0;
  };
  /// The next one, once the one before was read or not; empty at the end.
  std::optional<Member> next();
  /// 0 at the member's end.
  std::size_t read(std::span<char> out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
