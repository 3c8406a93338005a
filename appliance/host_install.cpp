#include "appliance/host_install.h"

#include <algorithm>

#include "appliance/host_programs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/disk_layout.h"

namespace sonde {
namespace {

constexpr std::uint64_t kSector = 512;
/// Of sector 0 the rest is the partition table's.
constexpr std::size_t kBootCode = 440;

struct BootFiles {
  std::string sector, core, efi;
};

std::string boot_file(const SlotPlaces& places, const std::string& name, std::uint64_t most) {
  auto content = read_file(places.boot + "/" + name, most);
  if (!content || content->size() < kSector) throw Error("This system carries nothing that a disk could start with.");
  return std::move(*content);
}

BootFiles read_boot_files(const SlotPlaces& places, const DiskLayout& layout) {
  return {boot_file(places, "boot.img", kSector), boot_file(places, "core.img", layout.bios.octets),
          boot_file(places, "efi.img", layout.efi.octets)};
}

void write_loaders(const BootFiles& files, const DiskLayout& layout, OpenArea& disk) {
  copy_checked(std::span(files.core), disk, layout.bios.begin);
  copy_checked(std::span(files.efi), disk, layout.efi.begin);
}

void run_or_throw(const std::vector<std::string>& words, const std::string& input, const std::string& what) {
  const ProgramOutcome outcome = run_program(words, input, std::chrono::minutes(10));
  if (outcome.status != 0) throw Error(what + " failed: " + outcome.said.substr(outcome.said.rfind('\n') + 1));
}

/// The file system of the data, on the stretch of the disk that is its partition.
void make_data(const Area& to, const Stretch& data) {
  run_or_throw(
      {"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", kDataLabel, "-E",
       "nodiscard,offset=" + std::to_string(to.begin + data.begin), to.path, std::to_string(data.octets / 1024) + "k"},
      {}, "Making the file system for the data");
}

}  // namespace

void install_onto(const SlotPlaces& places, const ImageTrust& trust, const ImageOctets& from, const Area& to,
                  const TellProgress& tell) {
  const auto say = [&tell](const char* sentence) {
    if (tell) tell({sentence});
  };
  const auto layout = disk_layout(to.octets);
  if (!layout) throw Error("The disk is too small.");
  const BootFiles files = read_boot_files(places, *layout);
  const ImageJudgement judged = read_image(from, trust.keys);
  if (judged.fault != ImageFault::none) throw Error("The medium cannot be copied: " + judged.sentence);
  const auto checked = check_content(from, *judged.manifest, [&](std::uint64_t done) {
    if (tell) tell({"checking the medium", done, judged.manifest->size});
  });
  if (checked.fault != ImageFault::none) throw Error("The medium cannot be copied: " + checked.sentence);
  const auto fits = judge_upgrade(*judged.manifest, trust.identity, layout->a.octets, false);
  if (fits.fault != ImageFault::none) throw Error("The medium cannot be copied: " + fits.sentence);

  say("dividing the disk");
  // Alone, before anything is written: nothing of it is mounted. sfdisk then opens it itself.
  OpenArea(to, OpenArea::For::writing);
  run_or_throw({"/usr/sbin/sfdisk", "--quiet", "--wipe", "always", "--wipe-partitions", "always", to.path},
               layout_script(*layout), "Dividing the disk");
  say("making the file system for the data");
  make_data(to, layout->data);
  OpenArea disk(to, OpenArea::For::writing);
  OpenArea slot({to.path, to.begin + layout->a.begin, layout->a.octets}, OpenArea::For::shared_writing);
  // What was in the other slot of an earlier installation is no system of this one.
  disk.write(layout->b.begin, std::vector<char>(1 << 20));
  copy_image(from, judged, slot, tell);
  say("writing what the disk starts with");
  write_loaders(files, *layout, disk);
  // Last: until now the machine does not start from this disk.
  copy_checked(std::span(files.sector).first(kBootCode), disk, 0);
}

void install_to_disk(const SlotPlaces& places, const std::string& name, const std::string& serial,
                     const TellProgress& tell) {
  const ImageTrust trust = read_trust(places);
  const std::string medium = drive_of_medium(places);
  const auto disks = read_disks(
      places.roots, [](const std::string&) { return BlockContent(); }, medium);
  const auto chosen = std::ranges::find(disks, name, &Disk::name);
  if (chosen == disks.end()) throw Error("There is no disk of that name.");
  const auto sector = read_number(places.roots.sys + "/block/" + name + "/queue/logical_block_size");
  if (const std::string why = why_not_install(*chosen, serial, sector.value_or(kSector)); !why.empty())
    throw Error(why);
  const auto octets = read_number(places.roots.sys + "/class/block/" + medium + "/size");
  if (medium.empty() || !octets) throw Error("What this system was started from cannot be read again.");
  const OpenArea from({places.devices + "/" + medium, 0, *octets * kSector}, OpenArea::For::reading);
  install_onto(places, trust, from.as_image(), {places.devices + "/" + chosen->name, 0, chosen->octets}, tell);
}

}  // namespace sonde
