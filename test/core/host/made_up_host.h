#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "core/host/fitness.h"
#include "core/host/host_reading.h"
#include "test/support/temporary_folder.h"

namespace sonde::test {

/// A machine out of files, of which nothing could be better, with one NIC, eth0. Tests change what they are about.
class MadeUpHost {
 public:
  MadeUpHost();
  /// A file below the roots: "proc/sys/net/core/rmem_max".
  void write(const std::string& path, const std::string& text) const;
  std::string text(const std::string& path) const;
  void remove(const std::string& path) const { std::filesystem::remove_all(folder / path); }
  void setting(const std::string& name, const std::string& text) const;
  HostSources sources();
  HostFacts facts();
  /// The finding with this key, of a judgement with a quiet minute before it. Throws when there is none.
  Finding finding(const std::string& key);

  TemporaryFolder folder;
  InterfaceState state;  ///< of eth0, as rtnetlink tells it
  NicFacts driver;       ///< what its driver tells
  std::vector<Queueing> queueings;
  ClockFacts clock;  ///< quality and steps
  CpuStretch stretch{std::chrono::minutes(1), 0.0, 0.98};
  bool real_time = true;
  std::vector<InterfaceState> more;                        ///< interfaces beside eth0
  std::vector<std::pair<NicDoor::Knob, std::string>> set;  ///< what was set at the NIC
  int refuse = 0;                                          ///< an errno: the NIC refuses
};

}  // namespace sonde::test
