#include "core/host/disk_layout.h"

#include <catch2/catch.hpp>

using namespace sonde;

namespace {

constexpr std::uint64_t kMebi = 1 << 20;

Disk disk() { return {.name = "vda", .serial = "S1", .octets = 8ULL << 30}; }

}  // namespace

TEST_CASE("the parts of a disk follow each other, and the end stays free for the table's copy") {
  for (const std::uint64_t octets : {kLeastDisk, kLeastDisk + 511, std::uint64_t{4} << 40}) {
    const auto layout = disk_layout(octets);
    REQUIRE(layout);
    std::uint64_t next = kMebi;
    for (const Stretch& one : {layout->bios, layout->efi, layout->a, layout->b, layout->data}) {
      CHECK(one.begin == next);
      CHECK(one.begin % kMebi == 0);
      next += one.octets;
    }
    CHECK(next <= octets - kMebi);
    CHECK(layout->data.octets >= 1024 * kMebi);
  }
  CHECK_FALSE(disk_layout(kLeastDisk - 1));
}

TEST_CASE("GRUB for the BIOS is where sector 0 of the image's build looks for it") {
  CHECK(disk_layout(kLeastDisk)->bios.begin == 2048 * 512);
  CHECK(layout_script(*disk_layout(kLeastDisk)).find("start=2048, size=2048, type=21686148") != std::string::npos);
}

TEST_CASE("a disk is refused by name of the reason") {
  CHECK(why_not_install(disk(), "S1", 512).empty());
  const auto refused = [](const Disk& one, const char* serial, std::uint64_t sector, const char* why) {
    const std::string sentence = why_not_install(one, serial, sector);
    INFO(sentence);
    CHECK(sentence.find(why) != std::string::npos);
  };
  Disk other = disk();
  refused(other, "S2", 512, "serial number");
  refused(other, "S1", 4096, "4096");
  other.booted_from = true;
  refused(other, "S1", 512, "started from");
  other = disk();
  other.read_only = true;
  refused(other, "S1", 512, "locked");
  other = disk();
  other.octets = 1 << 30;
  refused(other, "S1", 512, "too small");
}
