// A disk with slots in a plain file, for machines that a test starts: made and written by the appliance's own
// functions.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "appliance/host_install.h"
#include "core/base/error.h"
#include "core/host/disk_layout.h"

namespace {

using namespace sonde;

SlotDisk slots_of(const std::string& disk) {
  const auto layout = disk_layout(std::filesystem::file_size(disk));
  if (!layout) throw Error("The disk is too small.");
  const auto area = [&](const Stretch& one) { return Area{disk, one.begin, one.octets}; };
  SlotDisk slots{area(layout->efi), area(layout->a), area(layout->b)};
  slots.running = read_slot_env(slots.efi).slot;
  return slots;
}

void install(const SlotPlaces& places, const std::string& image, const std::string& disk, std::uint64_t octets) {
  std::filesystem::remove(disk);
  { const std::ofstream made(disk); }
  std::filesystem::resize_file(disk, octets);
  const ImageFile file(image);
  install_onto(places, read_trust(places), file.octets(), {disk, 0, octets}, {});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A disk with slots in a plain file."};
  app.require_subcommand(1);
  std::string root, image, disk;
  std::uint64_t octets = std::uint64_t{6} << 30;
  bool older = false;
  for (const char* name : {"install", "upgrade", "show"}) {
    auto* command = app.add_subcommand(name);
    command->add_option("disk", disk)->required();
    command->add_option("--root", root, "of the image that was built")->required();
    if (std::string_view(name) != "show") command->add_option("--image", image)->required();
    command->add_flag("--older", older);
    command->add_option("--octets", octets);
  }
  CLI11_PARSE(app, argc, argv);
  try {
    const SlotPlaces places{.identity = root + "/etc/sonde/image",
                            .keys = root + "/etc/sonde/image-keys",
                            .boot = root + "/usr/share/sonde/boot"};
    if (app.got_subcommand("install")) install(places, image, disk, octets);
    if (app.got_subcommand("upgrade")) write_upgrade(slots_of(disk), read_trust(places), image, older, {});
    const SlotReport report = slot_state(slots_of(disk), read_trust(places));
    std::cout << "slot=" << report.env.slot << " trial=" << report.env.trial.value_or('-')
              << " tried=" << report.env.tried << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
