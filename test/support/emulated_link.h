#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/time.h"

namespace sonde::test {

/// One direction of the emulated path.
struct PathOptions {
  Duration delay{};
  Duration jitter{};         ///< up to this much more, evenly; order is kept
  double loss = 0;           ///< shares of packets, 0 to 1
  double duplicate = 0;      ///< a copy follows at once
  double overtake = 0;       ///< held until the next packet has left (or for 1 s)
  double rate_bps = 0;       ///< 0 = unlimited
  int queue_packets = 1000;  ///< that wait for the rate, of whatever size; more are lost
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

/// Opens a TUN device that gives and takes whole IP packets, in that network namespace, and sets it up. Throws Error.
int open_tun(const std::string& name_space, const std::string& device);

/// Hears what the namespace gives to its device, with the kernel's stamp of that moment: whoever reads the device wakes
/// up later. Throws Error.
int open_tap(const std::string& name_space, const std::string& device);

/// Passes packets between two TUN devices, on a real-time thread of its own. Owns the descriptors.
class EmulatedLink {
 public:
  struct End {
    int device = -1;
    int tap = -1;  ///< -1 = packets enter when they are read, and nobody is told of them
  };
  /// On the link's thread: what became of packets. Not called for ends without a tap.
  using Told = std::function<void(std::vector<PathRecord>)>;
  EmulatedLink(End a, End b, const PathOptions& there, const PathOptions& back, std::uint64_t seed, Told told);
  ~EmulatedLink();
  /// From now on. From any thread.
  void change(const PathOptions& there, const PathOptions& back);

 private:
  struct Way;
  void run(std::stop_token stop);
  std::unique_ptr<Way> there_, back_;
  Told told_;
  std::mutex mutex_;  // of the ways' options
  std::jthread thread_;
};

}  // namespace sonde::test
