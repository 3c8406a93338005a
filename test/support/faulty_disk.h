#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace sonde::test {

/// A file layer for SQLite on which the power can fail: what was written but not synced since is then partly there,
/// partly torn and partly gone, as the seed says. Registered under `name()` as long as it lives; give that name to
/// ArchiveOptions::vfs. Safe to call from any thread.
class FaultyDisk {
 public:
  explicit FaultyDisk(std::uint64_t seed);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;

  const std::string& name() const;

  /// The power fails at the n-th write or sync from now: it and everything after it fails.
  void fail_after(std::uint64_t calls);
  bool failed() const;
  /// The files become what a real disk might hold after the failure; power is on again. Nobody may have them open.
  void restart();

  /// Writes are answered with "disk full" while set.
  void set_full(bool full);
  std::uint64_t calls() const;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde::test
