#pragma once

#include <ctime>

#include "appliance/data_machine.h"

namespace sonde {

/// What blkid says of a device under /dev. Root.
BlockContent content_of(const std::string& device);

/// The live appliance's own machine: needs root. Used by the root helper's main thread only.
class LinuxDataMachine final : public DataMachine {
 public:
  std::vector<Disk> disks() const override;
  std::string check(const std::string& device) override;
  std::string mount(const std::string& device, Access access) override;
  void mount_memory() override;
  void unmount() override;
  void make_folders() override;
  bool is_there(const std::string& device) const override;
  bool takes_writes() const override;
  bool memory_is_nearly_full() const override;
  bool has_settings() const override;
  std::string format(const Disk* disk, const std::string& name) override;
  bool move_to(const std::string& device) override;
  void read_settings(Settings& known) override;
  void write_settings(const Settings& settings) override;
  void keep_shell() override;
  std::shared_ptr<void> hold_node() override;

 private:
  std::map<std::string, std::timespec> read_at_;  ///< when a file that was read had been written
};

}  // namespace sonde
