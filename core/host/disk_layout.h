#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/host/disks.h"

namespace sonde {

// An installed disk, in a partition table of the kind GPT. The boot menu counts on these numbers.
//
//   1 sonde-bios  1 MiB    GRUB for the BIOS, found by sector 0
//   2 sonde-efi   32 MiB   shim and GRUB for UEFI, the boot menu and its memory
//   3 sonde-a     1 GiB    a system: the octets of its image
//   4 sonde-b     1 GiB    the other
//   5 sonde-data  the rest ext4, labelled SONDE_DATA

/// A stretch of octets.
struct Stretch {
  std::uint64_t begin = 0, octets = 0;
};

struct DiskLayout {
  Stretch bios, efi, a, b, data;
};

inline constexpr std::uint64_t kLeastDisk = std::uint64_t{4} << 30;

/// Empty when the disk is too small.
std::optional<DiskLayout> disk_layout(std::uint64_t octets);
/// What sfdisk is told.
std::string layout_script(const DiskLayout& layout);

/// Why this disk cannot be installed on, as a sentence; empty when it can. `serial` is what was shown to the person who
/// chose it, `sector` the smallest piece that the disk reads.
std::string why_not_install(const Disk& disk, const std::string& serial, std::uint64_t sector);

}  // namespace sonde
