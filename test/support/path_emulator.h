#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "test/support/emulated_link.h"
#include "test/support/namespaces.h"

namespace sonde::test {

/// Two network namespaces joined by a path of our own: a thread passes packets between two TUN devices and writes down
/// when each came and went. End A is 10.99.0.1 and fd99::1, end B 10.99.0.2 and fd99::2. Needs root.
class PathEmulator {
 public:
  explicit PathEmulator(const PathOptions& both, std::uint64_t seed = 1) : PathEmulator(both, both, seed) {}
  PathEmulator(const PathOptions& there, const PathOptions& back, std::uint64_t seed = 1);
  ~PathEmulator();
  const NetworkNamespace& a() const { return a_; }
  const NetworkNamespace& b() const { return b_; }
  /// What has happened so far, in the order in which packets entered. From any thread.
  std::vector<PathRecord> records() const;

 private:
  NetworkNamespace a_, b_;
  mutable std::mutex mutex_;
  std::vector<PathRecord> records_;     // guarded by mutex_
  std::unique_ptr<EmulatedLink> link_;  // last made, first gone: it tells of packets
};

}  // namespace sonde::test
