#include "core/host/disks.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "test/support/temporary_folder.h"

namespace sonde {
namespace {

using Catch::Matchers::Contains;

/// A made-up /sys with drives in it.
class MadeUpDrives {
 public:
  MadeUpDrives() : roots_{.sys = folder_.path()} {}
  void add(const std::string& path, std::uint64_t octets) {
    write(path + "/size", std::to_string(octets / 512));
    if (path.find('/') != std::string::npos) write(path + "/partition", "1");
  }
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(folder_.path()) / "block" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }
  std::vector<Disk> read(const std::map<std::string, BlockContent>& contents, const std::string& medium = "sr0") const {
    return read_disks(
        roots_,
        [&](const std::string& name) {
          const auto found = contents.find(name);
          return found == contents.end() ? BlockContent{} : found->second;
        },
        medium);
  }

 private:
  test::TemporaryFolder folder_;
  HostRoots roots_;
};

constexpr std::uint64_t kGiB = 1ULL << 30;

}  // namespace

TEST_CASE("drives are offered with model, serial number, size and what is on them") {
  MadeUpDrives drives;
  drives.add("sda", 100 * kGiB);
  drives.add("sda/sda1", 99 * kGiB);
  drives.add("loop0", kGiB);
  drives.add("vdb", 10 * kGiB);
  drives.write("sda/device/model", "Samsung SSD");
  drives.write("vdb/serial", "disk7");
  const auto places =
      places_for_data(drives.read({{"sda", {.table = "gpt"}}, {"sda1", {.type = "ntfs", .label = "C"}}}));
  REQUIRE(places.size() == 3);
  CHECK(places[0].name == "sda");
  CHECK(places[0].title == "Samsung SSD");
  CHECK(places[0].content == "1 partition: ntfs \"C\"");
  CHECK(places[1].name == "sda1");
  CHECK(places[2].title == "drive, serial number disk7");
  CHECK(places[2].content == "empty");
  CHECK_FALSE(places[2].ours);
}

TEST_CASE("what was booted from is never offered, but for our data beside it") {
  MadeUpDrives drives;
  drives.add("vda", 10 * kGiB);
  drives.add("vda/vda1", kGiB);
  drives.add("vda/vda5", 8 * kGiB);
  const auto read = drives.read({{"vda5", {.type = "ext4", .label = "SONDE_DATA"}}}, "vda1");
  const auto places = places_for_data(read);
  REQUIRE(places.size() == 1);
  CHECK(places[0].name == "vda5");
  CHECK(places[0].ours);
  CHECK(data_partitions(read) == std::vector<std::string>{"vda5"});
}

TEST_CASE("of an installed disk only the data partition can be chosen, whether it was booted from or not") {
  MadeUpDrives drives;
  for (const std::string disk : {"vda", "vdb"}) {
    drives.add(disk, 10 * kGiB);
    drives.add(disk + "/" + disk + "3", kGiB);
    drives.add(disk + "/" + disk + "5", 8 * kGiB);
  }
  std::map<std::string, BlockContent> contents;
  for (const std::string disk : {"vda", "vdb"}) {
    contents[disk + "3"] = {.type = "iso9660", .part_name = "sonde-a"};
    contents[disk + "5"] = {.part_name = "sonde-data"};
  }
  std::vector<std::string> names;
  for (const FoundDisk& place : places_for_data(drives.read(contents, "vda3"))) names.push_back(place.name);
  CHECK(names == std::vector<std::string>{"vda5", "vdb", "vdb5"});
}

TEST_CASE("a drive that is too small, read-only or has our label on another file system is not taken for ours") {
  MadeUpDrives drives;
  drives.add("vda", 10 << 20);
  drives.add("vdb", kGiB);
  drives.write("vdb/ro", "1");
  drives.add("vdc", kGiB);
  const auto read = drives.read({{"vdc", {.type = "vfat", .label = "SONDE_DATA"}}});
  CHECK(data_partitions(read).empty());
  REQUIRE(places_for_data(read).size() == 1);
  CHECK_THAT(places_for_data(read)[0].content, Contains("vfat"));
}

TEST_CASE("what blkid says is read, whatever it says") {
  const BlockContent content = parse_blkid("DEVNAME=/dev/vda1\nLABEL=SONDE_DATA\nUUID=0a1b\nTYPE=ext4\n");
  CHECK(content.label == "SONDE_DATA");
  CHECK(content.uuid == "0a1b");
  CHECK(content.type == "ext4");
  CHECK(parse_blkid("").type.empty());
  CHECK(parse_blkid("DEVNAME=/dev/vda1\nPART_ENTRY_NAME=sonde-data\n").part_name == kDataPartName);
  CHECK(parse_blkid("TYPE").type.empty());
}

}  // namespace sonde
