#pragma once

#include <set>
#include <string>
#include <vector>

#include "appliance/data_machine.h"

namespace sonde {

/// Where the appliance keeps its data: the partition labelled SONDE_DATA, else memory. Used by the root helper's main
/// thread only.
class HostData {
 public:
  struct State {
    std::string device;             ///< "vda1"; empty = memory
    std::string uuid;               ///< of its file system
    std::string sentence;           ///< what is wrong or should be known; empty = all is well
    bool bad = false;               ///< the sentence tells of something that the operator must mend
    std::set<std::string> refused;  ///< partitions that could not be used: not tried again while they stay
    friend bool operator==(const State&, const State&) = default;
  };

  explicit HostData(DataMachine& machine) : machine_(machine) {}
  /// As an earlier process of the root helper left it.
  HostData(DataMachine& machine, State state) : machine_(machine), state_(std::move(state)) {}

  /// At the start, before the node: checks the file system, mounts it at /data, makes the folders. Never throws: what
  /// cannot be used is told in the state and memory takes its place, with the settings as far as they can be read.
  void settle();
  const State& state() const { return state_; }
  std::vector<Disk> disks() const { return machine_.disks(); }

  /// Chooses a drive or partition by its name, which must carry `serial` if it has one. One that carries our data is
  /// used as it is; another is formatted, which `format` must agree to. What is in memory moves over, unless a node
  /// that is set up lives there. Returns a sentence that says what was done, or throws Error; then all is as before.
  std::string use(const std::string& name, const std::string& serial, bool format);

  /// Every two seconds: the partition went away, or came (back). True = the node's data are other ones now.
  /// takes_up: false while somebody sets the node up or formats a drive; a partition that came is then left alone.
  bool watch(bool takes_up = true);

 private:
  std::string try_partition(const std::string& device);
  void start_from_memory(const std::vector<std::string>& unused, const std::string& complaint);
  void settings_to_memory();
  bool may_take_up(const std::string& device) const;
  bool take_up(const std::string& device);
  void lost(const std::string& why);
  void tell_of_memory();
  std::string uuid_of(const std::string& device) const;

  DataMachine& machine_;
  State state_;
  DataMachine::Settings kept_;  ///< so that measuring goes on from memory when the partition goes
};

}  // namespace sonde
