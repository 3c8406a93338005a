#include "test/appliance/made_up_slots.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include "core/base/bytes.h"
#include "core/base/files.h"

namespace sonde::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSlot = 4 << 20, kEfi = 1 << 20;

}  // namespace

MadeUpSlots::MadeUpSlots() {
  struct stat medium {};
  ::stat(folder.path().c_str(), &medium);
  device = std::to_string(major(medium.st_dev)) + ":" + std::to_string(minor(medium.st_dev));
  places = {.roots = {.proc = folder / "proc", .sys = folder / "sys"},
            .devices = folder.path(),
            .medium = folder.path(),
            .identity = folder / "image",
            .keys = folder / "image-keys",
            .staged = folder / "upgrade",
            .confirmed = folder / "confirmed"};
  for (const char* name : {"/dev/block", "/class/block"}) fs::create_directories(places.roots.sys + name);
  fs::create_directories(places.roots.proc);
  const std::string disk = places.roots.sys + "/devices/vda";
  for (const auto& [number, label] : {std::pair{2, "sonde-efi"}, {3, "sonde-a"}, {4, "sonde-b"}, {5, "sonde-data"}}) {
    const std::string name = "vda" + std::to_string(number), part = disk + "/" + name;
    fs::create_directories(part);
    std::ofstream(part + "/partition") << number << '\n';
    std::ofstream(part + "/size") << (number == 2 ? kEfi : kSlot) / 512 << '\n';
    std::ofstream(part + "/uevent") << "DEVTYPE=partition\nPARTNAME=" << label << '\n';
    fs::create_directory_symlink(part, places.roots.sys + "/class/block/" + name);
  }
  put("image", "product=sonde\narchitecture=amd64\nversion=0.2.0\nkind=release\n");
  put("image-keys", to_hex(signer.key()) + "\n");
  put("vda2", std::string(4096, 'x') + slot_env_block({}) + std::string(kEfi - 4096 - kSlotEnvOctets, '\0'));
  std::string running = signed_image({.filling = 'a'}, signer);
  running.resize(kSlot);
  put("vda3", running);
  put("vda4", std::string(kSlot, '\0'));
  runs_from(3);
  booted("sonde.slot=a");
}

void MadeUpSlots::booted(const std::string& words) const {
  std::ofstream(places.roots.proc + "/cmdline") << "quiet " << words << '\n';
}

void MadeUpSlots::runs_from(int partition) const {
  const std::string link = places.roots.sys + "/dev/block/" + device;
  fs::remove(link);
  fs::create_directory_symlink(places.roots.sys + "/devices/vda/vda" + std::to_string(partition), link);
}

void MadeUpSlots::put(const std::string& name, const std::string& content) const {
  std::ofstream(folder / name, std::ios::binary) << content;
}

std::string MadeUpSlots::get(const std::string& name) const { return read_file(folder / name, 16 << 20).value_or(""); }

}  // namespace sonde::test
