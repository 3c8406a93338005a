#include "appliance/host_install.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/disk_layout.h"
#include "test/support/signed_image.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

TEST_CASE("a system is installed onto a disk that then holds all it starts with") {
  TemporaryFolder folder;
  ImageSigner signer;
  const ImageTrust trust{{"sonde", "amd64", "0.2.0", "release", ""}, {signer.key()}};
  const SlotPlaces places{.boot = folder.path()};
  const std::string sector(512, 's'), core(3000, 'c');
  const std::string efi = std::string(8192, 'e') + slot_env_block({}) + std::string(5000 - kSlotEnvOctets, 'e');
  write_file_atomically(folder / "boot.img", sector, 0600);
  write_file_atomically(folder / "core.img", core, 0600);
  write_file_atomically(folder / "efi.img", efi, 0600);
  const Area disk{folder / "disk", 0, kLeastDisk};
  { std::ofstream file(disk.path); }
  std::filesystem::resize_file(disk.path, disk.octets);
  const std::string image = signed_image({}, signer);

  install_onto(places, trust, octets_of(image), disk, {});

  const auto layout = *disk_layout(disk.octets);
  const OpenArea whole(disk, OpenArea::For::reading);
  const auto at = [&](std::uint64_t offset, std::size_t length) {
    std::string text(length, '\0');
    whole.read(offset, text);
    return text;
  };
  CHECK(at(0, 440) == sector.substr(0, 440));
  CHECK(at(510, 2) == "\x55\xaa");
  CHECK(at(512, 8) == "EFI PART");
  CHECK(at(layout.bios.begin, core.size()) == core);
  CHECK(at(layout.efi.begin, efi.size()) == efi);
  CHECK(at(layout.a.begin, image.size()) == image);
  CHECK(at(layout.data.begin + 1024 + 120, 10) == "SONDE_DATA");
  const SlotDisk slots{{disk.path, layout.efi.begin, layout.efi.octets},
                       {disk.path, layout.a.begin, layout.a.octets},
                       {disk.path, layout.b.begin, layout.b.octets},
                       'a',
                       false};
  const SlotReport report = slot_state(slots, trust);
  CHECK(report.sentence == "System a runs.");
  CHECK(report.slots[0].image->version == "0.2.0");
  CHECK_FALSE(report.slots[1].image);

  SECTION("a medium that nobody signed changes nothing") {
    CHECK_THROWS_WITH(install_onto(places, trust, octets_of(image_content({})), disk, {}),
                      Catch::Contains("no signature"));
    CHECK(at(0, 440) == sector.substr(0, 440));
  }
}
