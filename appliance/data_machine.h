#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/host/disks.h"

namespace sonde {

/// What HostData does to the machine underneath; LinuxDataMachine is the real one, tests make one up. Devices are named
/// as "vda1". What returns a sentence returns an empty one when it was done.
class DataMachine {
 public:
  virtual ~DataMachine() = default;

  virtual std::vector<Disk> disks() const = 0;
  /// Checks the file system and mends what needs no decision. Nothing may be mounted there.
  virtual std::string check(const std::string& device) = 0;
  enum class Access : std::uint8_t { reading, writing };
  /// At /data.
  virtual std::string mount(const std::string& device, Access access) = 0;
  virtual void mount_memory() = 0;  ///< at /data; throws Error
  /// What is at /data leaves it; the system's own programs that write there start anew.
  virtual void unmount() = 0;
  virtual void make_folders() = 0;

  virtual bool is_there(const std::string& device) const = 0;
  virtual bool takes_writes() const = 0;  ///< what is at /data
  virtual bool memory_is_nearly_full() const = 0;
  virtual bool has_settings() const = 0;  ///< the configuration at /data has what somebody answered

  /// Makes a file system for data, on a partition of its own if `disk` is given; the device it is on. Throws Error.
  virtual std::string format(const Disk* disk, const std::string& name) = 0;
  /// Puts it at /data instead of what is there, which is copied to it unless a node lives there; true = one does.
  /// Throws Error; then all is as before.
  virtual bool move_to(const std::string& device) = 0;

  /// The node's small files in /data, by name: configuration, accounts, key and certificate.
  using Settings = std::map<std::string, std::string>;
  /// Brings `known` up to date.
  virtual void read_settings(Settings& known) = 0;
  virtual void write_settings(const Settings& settings) = 0;
  /// The remote shell's own key and the accepted ones, of the data at /data: they are used while those cannot be.
  virtual void keep_shell() = 0;
  /// The node is ended, and does not start while the answer lives.
  virtual std::shared_ptr<void> hold_node() = 0;
};

}  // namespace sonde
