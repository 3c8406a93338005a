#include "appliance/host_slots.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde {
namespace {

/// The value of NAME=VALUE on the kernel's command line; empty when it is not there.
std::string kernel_word(const HostRoots& roots, const std::string& name) {
  for (const std::string& word : words_of(read_start(roots.proc + "/cmdline", 4096).value_or("")))
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  return {};
}

/// PARTNAME=... of a partition's uevent.
std::string partition_label(const std::string& folder) {
  const std::string wanted = "PARTNAME=";
  for (const std::string& word : words_of(read_start(folder + "/uevent", 4096).value_or("")))
    if (word.starts_with(wanted)) return word.substr(wanted.size());
  return {};
}

/// Places of the boot menu's memory: sectors that begin as it does. There is one, whatever else is on the partition.
std::uint64_t find_env(const OpenArea& area) {
  static constexpr std::size_t kSector = 512, kPiece = 64 * kSector;
  std::vector<char> piece(kPiece);
  std::optional<std::uint64_t> found;
  for (std::uint64_t at = 0; at < area.octets(); at += kPiece) {
    const std::size_t read = area.read(at, piece);
    for (std::size_t sector = 0; sector + kSector <= read; sector += kSector) {
      if (!std::string_view(piece.data() + sector, kSector).starts_with(kSlotEnvBegin)) continue;
      if (found) throw Error("The boot menu's memory is twice on its partition: it cannot be told which one counts.");
      found = at + sector;
    }
  }
  if (!found) throw Error("The boot menu's memory is not on its partition: this disk was not installed by Sonde.");
  return *found;
}

SlotEnv read_env_at(const OpenArea& area, std::uint64_t at) {
  std::string block(kSlotEnvOctets, '\0');
  block.resize(area.read(at, block));
  const auto env = parse_slot_env(block);
  if (!env) throw Error("The boot menu's memory cannot be read: it is damaged.");
  return *env;
}

ImageJudgement judge_slot(const OpenArea& slot, const ImageTrust& trust) {
  ImageJudgement judged = read_image(slot.as_image(), trust.keys);
  if (judged.fault == ImageFault::not_image) judged.sentence = "Nothing is in it.";
  return judged;
}

void refuse_unless_good(const ImageJudgement& judged) {
  if (judged.fault != ImageFault::none) throw Error(judged.sentence);
}

std::function<void(std::uint64_t)> counted(const TellProgress& tell, const char* sentence, std::uint64_t all) {
  return [&tell, sentence, all](std::uint64_t done) {
    if (tell) tell({sentence, done, all});
  };
}

std::string state_sentence(const SlotReport& report) {
  const std::string name = std::string("System ") + report.running;
  if (report.on_trial && report.env.slot != report.running)
    return name + " runs on trial. Unless it is confirmed the next start is system " + report.env.slot + ".";
  if (report.env.trial && report.env.tried && *report.env.trial != report.running)
    return name + " runs: system " + *report.env.trial + " was tried and did not prove itself.";
  if (report.env.trial && !report.env.tried)
    return name + " runs. The next start tries system " + *report.env.trial + ".";
  if (report.env.slot != report.running)
    return name + " was chosen by hand; by itself system " + report.env.slot + " starts.";
  return name + " runs.";
}

}  // namespace

std::optional<SlotDisk> find_slots(const SlotPlaces& places) {
  const std::string slot = kernel_word(places.roots, "sonde.slot");
  if (slot != "a" && slot != "b") return std::nullopt;
  const std::string running = drive_of_medium(places);
  if (running.empty()) return std::nullopt;
  SlotDisk found{.running = slot.front()};
  found.on_trial = !kernel_word(places.roots, "sonde.trial").empty();
  std::error_code error;
  const auto disk = std::filesystem::canonical(places.roots.sys + "/class/block/" + running, error).parent_path();
  for (const std::string& name : names_in(disk.string())) {
    const std::string folder = disk.string() + "/" + name;
    if (!read_number(folder + "/partition")) continue;
    const Area area{places.devices + "/" + name, 0, read_number(folder + "/size").value_or(0) * 512};
    const std::string label = partition_label(folder);
    if (label == "sonde-efi") found.efi = area;
    if (label == "sonde-a") found.a = area;
    if (label == "sonde-b") found.b = area;
  }
  // What is mounted decides which slot must not be written, whatever the command line says.
  if (found.efi.path.empty() || found.a.path.empty() || found.b.path.empty() ||
      found.area(found.running).path != places.devices + "/" + running)
    return std::nullopt;
  return found;
}

std::string drive_of_medium(const SlotPlaces& places) {
  struct stat medium {};
  if (::stat(places.medium.c_str(), &medium) != 0) return {};
  const auto device = std::to_string(major(medium.st_dev)) + ":" + std::to_string(minor(medium.st_dev));
  std::error_code error;
  const auto folder = std::filesystem::canonical(places.roots.sys + "/dev/block/" + device, error);
  return error ? std::string() : folder.filename().string();
}

ImageTrust read_trust(const SlotPlaces& places) {
  static constexpr std::size_t kMost = 64 << 10;
  const auto identity = read_file(places.identity, kMost), keys = read_file(places.keys, kMost);
  if (!identity || !keys) throw Error("This system was not made as an image: it has no keys to check one with.");
  return {parse_system_identity(*identity), parse_image_keys(*keys)};
}

SlotEnv read_slot_env(const Area& efi) {
  const OpenArea area(efi, OpenArea::For::reading);
  return read_env_at(area, find_env(area));
}

void write_slot_env(const Area& efi, const SlotEnv& env) {
  OpenArea area(efi, OpenArea::For::writing);
  const std::uint64_t at = find_env(area);
  copy_checked(slot_env_block(env), area, at);
}

SlotReport slot_state(const SlotDisk& disk, const ImageTrust& trust) {
  SlotReport report{.running = disk.running, .on_trial = disk.on_trial, .env = read_slot_env(disk.efi)};
  for (std::size_t n = 0; n < 2; ++n) {
    const char letter = n == 0 ? 'a' : 'b';
    const OpenArea slot(disk.area(letter), OpenArea::For::reading);
    ImageJudgement judged = judge_slot(slot, trust);
    report.slots[n] = {letter, std::move(judged.manifest), std::move(judged.sentence)};
  }
  report.sentence = state_sentence(report);
  return report;
}

ImageManifest write_upgrade(const SlotDisk& disk, const ImageTrust& trust, const std::string& staged, bool allow_older,
                            const TellProgress& tell) {
  if (disk.on_trial && read_slot_env(disk.efi).slot != disk.running)
    throw Error("The system that runs is itself on trial: wait until it is confirmed.");
  const ImageFile file(staged);
  const ImageOctets octets = file.octets();
  const ImageJudgement judged = read_image(octets, trust.keys);
  refuse_unless_good(judged);
  const Area& area = disk.area(disk.other());
  refuse_unless_good(judge_upgrade(*judged.manifest, trust.identity, area.octets, allow_older));
  refuse_unless_good(
      check_content(octets, *judged.manifest, counted(tell, "checking the image", judged.manifest->size)));
  // From here on the slot holds nothing that could be started, so nothing may lead there.
  write_slot_env(disk.efi, {.slot = disk.running});
  OpenArea slot(area, OpenArea::For::writing);
  copy_image(octets, judged, slot, tell);
  write_slot_env(disk.efi, {.slot = disk.running, .trial = disk.other()});
  return *judged.manifest;
}

void confirm_trial(const SlotDisk& disk) {
  const SlotEnv env = read_slot_env(disk.efi);
  if (env.slot == disk.running && !env.trial) return;
  if (!disk.on_trial || env.trial != disk.running)
    throw Error("The system that runs is not on trial: there is nothing to confirm.");
  write_slot_env(disk.efi, {.slot = disk.running});
}

ImageManifest go_back(const SlotDisk& disk, const ImageTrust& trust, const TellProgress& tell) {
  const OpenArea slot(disk.area(disk.other()), OpenArea::For::reading);
  const ImageJudgement judged = judge_slot(slot, trust);
  if (judged.fault == ImageFault::not_image) throw Error("There is no system to go back to: the other slot is empty.");
  refuse_unless_good(judged);
  refuse_unless_good(
      check_content(slot.as_image(), *judged.manifest, counted(tell, "checking the system", judged.manifest->size)));
  // The trusted one needs no trial; what runs untrusted must not become trusted by this.
  const bool is_trusted = read_slot_env(disk.efi).slot == disk.other();
  write_slot_env(disk.efi, is_trusted ? SlotEnv{.slot = disk.other()} : SlotEnv{disk.running, disk.other(), false});
  return *judged.manifest;
}

}  // namespace sonde
