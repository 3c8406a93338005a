#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/time.h"
#include "test/support/namespaces.h"

namespace sonde::test {

/// One direction of the emulated path.
struct PathOptions {
  Duration delay{};
  Duration jitter{};         ///< up to this much more, evenly; order is kept
  double loss = 0;           ///< shares of packets, 0 to 1
  double duplicate = 0;      ///< a copy follows at once
  double overtake = 0;       ///< held until the next packet has left (or for 1 s)
  double rate_bps = 0;       ///< 0 = unlimited
  int queue_packets = 1000;  ///< of the rate; more are lost
};

/// What became of one packet, by CLOCK_REALTIME.
struct PathRecord {
  bool there = true;            ///< from end A to end B
  std::int64_t entered_ns = 0;  ///< the kernel's stamp of when the packet was given to the first device
  std::int64_t left_ns = 0;     ///< read just before it was given to the second one; 0 = lost
  bool copy = false;
  int protocol = 0;      ///< 17 = UDP
  std::string from, to;  ///< addresses
  int from_port = 0, to_port = 0;
  std::vector<std::byte> head;  ///< at most 32 octets behind the UDP header, or behind the IP header
};
/// "there|back entered left copy protocol from from_port to to_port head", numbers in ns, the head in hexadecimal.
std::string to_line(const PathRecord& record);

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

  struct Way;

 private:
  void run(std::stop_token stop);
  NetworkNamespace a_, b_;
  std::unique_ptr<Way> there_, back_;
  mutable std::mutex mutex_;
  std::vector<PathRecord> records_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace sonde::test
