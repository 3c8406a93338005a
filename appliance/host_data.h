#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/host/disks.h"

namespace sonde {

/// Where the appliance keeps its data: the partition labelled SONDE_DATA, else memory. Used by the root helper's main
/// thread only.
class HostData {
 public:
  struct State {
    std::string device;    ///< "vda1"; empty = memory
    std::string uuid;      ///< of its file system
    std::string sentence;  ///< what is wrong or should be known; empty = all is well
    bool bad = false;      ///< the sentence tells of something that the operator must mend
  };

  HostData() = default;
  /// As an earlier process of the root helper left it.
  explicit HostData(State state) : state_(std::move(state)) {}

  /// At the start, before the node: checks the file system, mounts it at /data, makes the folders. Never throws: what
  /// cannot be used is told in the state and memory takes its place.
  void settle();
  const State& state() const { return state_; }
  std::vector<Disk> disks() const;

  /// Chooses a drive or partition by its name, which must carry `serial` if it has one. One that carries our data is
  /// used as it is; another is formatted, which `format` must agree to. What is in memory moves over, unless a node
  /// that is set up lives there. Returns a sentence that says what was done, or throws Error; then all is as before.
  std::string use(const std::string& name, const std::string& serial, bool format);

  /// Every two seconds: the partition went away, or came back. True = the node's data are other ones now.
  bool watch();

 private:
  void mount_memory();
  bool mount_partition(const std::string& device, std::string& why);
  void make_folders();
  std::string format_drive(const Disk* disk, const std::string& name);
  std::string move_to(const std::string& device);
  void lost(const std::string& why);
  /// Small files of the node, kept so that measuring goes on from memory when the partition goes.
  void remember();
  void recall();

  State state_;
  std::map<std::string, std::string> kept_;
  unsigned rounds_ = 0;
  std::string refused_;  ///< a partition that could not be mounted: not tried again while it stays
};

/// Ends the node and keeps it from starting while this lives.
class NodeHeld {
 public:
  NodeHeld();
  ~NodeHeld();
  NodeHeld(const NodeHeld&) = delete;
  NodeHeld& operator=(const NodeHeld&) = delete;
};

/// Ends the program whose process id a file holds; init starts it again. Waits up to `patience` for its end.
void restart_program(const char* pid_file, Duration patience = std::chrono::seconds(10));

}  // namespace sonde
