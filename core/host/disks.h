#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/host/host_reading.h"
#include "core/setup/facts.h"

namespace sonde {

/// What a block device begins with, as blkid says.
struct BlockContent {
  std::string type;   ///< of the file system: "ext4", "ntfs"; empty = none that is known
  std::string table;  ///< of its partitions: "gpt", "dos"; empty = none
  std::string label, uuid;
  std::string part_name;  ///< of the partition itself, in a GPT
};

struct Partition {
  std::string name;  ///< "sda1"
  std::uint64_t octets = 0;
  BlockContent content;
};

/// A drive that could hold data, or the one that was booted from.
struct Disk {
  std::string name;  ///< "sda"
  std::string model, serial;
  std::uint64_t octets = 0;
  bool usb = false, read_only = false;
  bool booted_from = false;  ///< holds the running system, as a medium or as slots
  BlockContent content;
  std::vector<Partition> partitions;
};

inline constexpr const char* kDataLabel = "SONDE_DATA";
inline constexpr const char* kDataPartName = "sonde-data";
inline constexpr std::uint64_t kLeastDataOctets = 256'000'000;

/// Drives in the order of the kernel's list; loops, memory, discs (CD) and empty card readers are none. `content` is
/// asked for a name; `medium` is the device that the system was booted from: "sr0", "sda1".
std::vector<Disk> read_disks(const HostRoots& roots, const std::function<BlockContent(const std::string&)>& content,
                             const std::string& medium);

/// blkid's answer in its form "export".
BlockContent parse_blkid(const std::string& text);

/// Names of the partitions that carry our data, those inside the machine before those on USB.
std::vector<std::string> data_partitions(const std::vector<Disk>& disks);

/// Those that were made for our data, where nothing can be recognised any more.
std::vector<std::string> damaged_data_partitions(const std::vector<Disk>& disks);

/// As the set-up's question shows them: whole drives, then their partitions; never what was booted from, but for the
/// data partition beside the slots, damaged or not; never a slot of another installed disk.
std::vector<FoundDisk> places_for_data(const std::vector<Disk>& disks);

/// "12.9 GB"
std::string size_text(std::uint64_t octets);

}  // namespace sonde
