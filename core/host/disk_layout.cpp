#include "core/host/disk_layout.h"

namespace sonde {
namespace {

constexpr std::uint64_t kMebi = 1 << 20, kSector = 512;

}  // namespace

std::optional<DiskLayout> disk_layout(std::uint64_t octets) {
  if (octets < kLeastDisk) return std::nullopt;
  DiskLayout layout;
  std::uint64_t next = kMebi;
  const auto take = [&next](std::uint64_t length) {
    const Stretch stretch{next, length};
    next += length;
    return stretch;
  };
  layout.bios = take(kMebi);
  layout.efi = take(32 * kMebi);
  layout.a = take(1024 * kMebi);
  layout.b = take(1024 * kMebi);
  // The last mebibyte belongs to the second copy of the partition table.
  layout.data = take((octets - next) / kMebi * kMebi - kMebi);
  return layout;
}

std::string layout_script(const DiskLayout& layout) {
  std::string script = "label: gpt\nunit: sectors\n";
  const auto add = [&script](const Stretch& stretch, const char* type, const char* name) {
    script += "start=" + std::to_string(stretch.begin / kSector) +
              ", size=" + std::to_string(stretch.octets / kSector) + ", type=" + type + ", name=" + name + "\n";
  };
  static constexpr const char* kLinux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
  add(layout.bios, "21686148-6449-6E6F-744E-656564454649", "sonde-bios");
  add(layout.efi, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "sonde-efi");
  add(layout.a, kLinux, "sonde-a");
  add(layout.b, kLinux, "sonde-b");
  add(layout.data, kLinux, "sonde-data");
  return script;
}

std::string why_not_install(const Disk& disk, const std::string& serial, std::uint64_t sector) {
  const std::string the_disk = "The disk " + disk.name;
  if (disk.serial != serial) return the_disk + " is not the one that was chosen: its serial number is another.";
  if (disk.booted_from) return the_disk + " is what this system was started from.";
  if (disk.read_only) return the_disk + " cannot be written: it is locked.";
  if (sector != kSector)
    return the_disk + " has sectors of " + std::to_string(sector) +
           " octets; only those of 512 are known to start a machine here.";
  if (!disk_layout(disk.octets))
    return the_disk + " is too small: it has " + size_text(disk.octets) + ", and " + size_text(kLeastDisk) +
           " are needed.";
  return {};
}

}  // namespace sonde
