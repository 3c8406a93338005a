// Where the appliance keeps its data when its drives misbehave, with a machine that is made up.
#include <catch2/catch.hpp>

#include "appliance/host_data.h"
#include "core/base/error.h"

using namespace sonde;
using Catch::Matchers::Contains;

namespace {

/// A partition with what is wrong with it.
struct Drive {
  std::string name, uuid;
  DataMachine::Settings files;
  std::string check_says, mount_says;  ///< sentences; empty = fine
  bool readable = true, usb = false, superblock = true, labelled = true;
};

class MadeUpMachine final : public DataMachine {
 public:
  std::vector<Drive> drives;
  std::string at;  ///< what is at /data: a device, "memory" or nothing
  Settings memory;
  bool writes = true, nearly_full = false, settings = false;
  int node_ended = 0;
  mutable std::vector<std::string> done;

  Drive* find(const std::string& name) {
    for (Drive& one : drives)
      if (one.name == name) return &one;
    return nullptr;
  }
  Settings& here() { return at == "memory" ? memory : find(at)->files; }

  std::vector<Disk> disks() const override {
    std::vector<Disk> disks;
    for (const Drive& one : drives) {
      Disk disk{.name = one.name.substr(0, 3), .serial = "s-" + one.name, .octets = 1ULL << 30, .usb = one.usb};
      BlockContent content{.part_name = kDataPartName};
      if (one.superblock) content.type = "ext4", content.uuid = one.uuid;
      if (one.superblock && one.labelled) content.label = kDataLabel;
      disk.partitions.push_back({one.name, 1ULL << 30, content});
      disks.push_back(disk);
    }
    return disks;
  }
  std::string check(const std::string& device) override {
    done.push_back("check " + device);
    REQUIRE(at != device);
    return find(device)->check_says;
  }
  std::string mount(const std::string& device, Access access) override {
    REQUIRE(at.empty());
    const Drive& drive = *find(device);
    if (access == Access::writing && !drive.mount_says.empty()) return drive.mount_says;
    if (access == Access::reading && !drive.readable) return "it cannot be read";
    at = device;
    return {};
  }
  void mount_memory() override {
    REQUIRE(at.empty());
    memory.clear();
    at = "memory";
  }
  void unmount() override { at.clear(); }
  void make_folders() override { done.push_back("folders on " + at); }
  bool is_there(const std::string& device) const override {
    return const_cast<MadeUpMachine*>(this)->find(device) != nullptr;
  }
  bool takes_writes() const override { return writes; }
  bool memory_is_nearly_full() const override { return nearly_full; }
  bool has_settings() const override { return settings; }
  std::string format(const Disk* disk, const std::string& name) override {
    const std::string device = disk ? disk->name + "1" : name;
    *find(device) = {.name = device, .uuid = "fresh"};
    return device;
  }
  bool move_to(const std::string& device) override {
    Settings& files = find(device)->files;
    const bool has_node = files.contains("sonde.xml");
    if (!has_node) files = here();
    at = device;
    return has_node;
  }
  void read_settings(Settings& known) override { known = here(); }
  void write_settings(const Settings& settings) override { here() = settings; }
  void keep_shell() override { done.push_back("shell of " + at); }
  std::shared_ptr<void> hold_node() override {
    ++node_ended;
    return nullptr;
  }
};

const DataMachine::Settings kNode = {{"sonde.xml", "one node"}, {"web.key", "its key"}};

struct Appliance {
  explicit Appliance(std::vector<Drive> drives) {
    machine.drives = std::move(drives);
    data.settle();
  }
  MadeUpMachine machine;
  HostData data{machine};
};

}  // namespace

TEST_CASE("a sound data partition is checked before it is used, and nothing is said") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode}});
  CHECK(a.machine.at == "vda1");
  CHECK(a.data.state() == HostData::State{.device = "vda1", .uuid = "u"});
  CHECK(a.machine.done == std::vector<std::string>{"check vda1", "folders on vda1"});
  CHECK_FALSE(a.data.watch());
}

TEST_CASE("without a data partition memory takes its place and says so") {
  Appliance a({});
  CHECK(a.machine.at == "memory");
  CHECK_THAT(a.data.state().sentence, Contains("no data partition") && Contains("lost when the power goes"));
  CHECK_FALSE(a.data.state().bad);
}

TEST_CASE("a file system that needs a decision is left alone, but its settings are read") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode, .check_says = "it has errors"}});
  CHECK(a.machine.at == "memory");
  CHECK(a.machine.memory == kNode);
  CHECK(a.data.state().bad);
  CHECK_THAT(a.data.state().sentence,
             Contains("The data partition vda1 is not used: it has errors.") && Contains("goes on with its settings"));
  // It is not tried again every two seconds, not by the next process of the root helper either.
  a.machine.done.clear();
  HostData next(a.machine, a.data.state());
  for (HostData* one : {&a.data, &next}) CHECK_FALSE(one->watch());
  CHECK(a.machine.done.empty());
  CHECK(next.state() == a.data.state());
  CHECK(a.machine.at == "memory");
}

TEST_CASE("a partition that cannot even be read gives way to a new node") {
  Appliance a({{.name = "vda1", .uuid = "u", .mount_says = "it cannot be mounted", .readable = false}});
  CHECK(a.machine.memory.empty());
  CHECK_THAT(a.data.state().sentence, Contains("it cannot be mounted") && Contains("starts as a new one"));
}

TEST_CASE("a damaged superblock is told by the partition's name, and no such partition counts as empty") {
  Appliance a({{.name = "vda1", .superblock = false}});
  CHECK(a.data.state().bad);
  CHECK_THAT(a.data.state().sentence, Contains("vda1") && Contains("damaged"));
  const auto places = places_for_data(a.machine.disks());
  REQUIRE(places.size() == 2);
  CHECK_THAT(places[1].content, Contains("damaged"));
  CHECK_FALSE(places[1].ours);
  CHECK_THROWS_WITH(a.data.use("vda1", "", false), Contains("must be formatted"));
}

TEST_CASE("of two partitions the one inside the machine is used, and both are named") {
  Appliance a({{.name = "sda1", .uuid = "stick", .usb = true}, {.name = "vda1", .uuid = "u", .files = kNode}});
  CHECK(a.machine.at == "vda1");
  CHECK(a.data.state().bad);
  CHECK_THAT(a.data.state().sentence, Contains("(vda1, sda1)") && Contains("vda1 is used"));
}

TEST_CASE("while a partition cannot be used its settings are, and so is the key of the remote shell") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode, .check_says = "it has errors"}});
  CHECK(a.machine.at == "memory");
  CHECK(a.machine.memory == kNode);
  CHECK(std::ranges::count(a.machine.done, "shell of vda1") == 1);
}

TEST_CASE("when the first of two cannot be used the second is, and both facts are told") {
  Appliance a({{.name = "vda1", .uuid = "u", .check_says = "it has errors"}, {.name = "vdb1", .uuid = "v"}});
  CHECK(a.machine.at == "vdb1");
  CHECK_THAT(a.data.state().sentence, Contains("vda1 is not used") && Contains("vdb1 is used"));
}

TEST_CASE("a partition that is pulled out leaves its newest settings behind, and is taken up when it is back") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode}});
  CHECK_FALSE(a.data.watch());
  a.machine.here()["sonde.xml"] = "changed";
  CHECK_FALSE(a.data.watch());
  const Drive pulled = a.machine.drives[0];
  a.machine.drives.clear();
  CHECK(a.data.watch());
  CHECK(a.machine.at == "memory");
  CHECK(a.machine.memory.at("sonde.xml") == "changed");
  CHECK(a.machine.node_ended == 1);
  CHECK(a.data.state().bad);
  CHECK_THAT(a.data.state().sentence, Contains("vda1 was pulled out") && Contains("same settings"));
  CHECK_FALSE(a.data.watch());

  SECTION("under another name") {
    a.machine.drives = {pulled};
    a.machine.drives[0].name = "vdb1";
    CHECK(a.data.watch());
    CHECK(a.machine.at == "vdb1");
    CHECK_FALSE(a.data.state().bad);
    CHECK_THAT(a.data.state().sentence, Contains("vdb1 is in use again") && Contains("is not in it"));
  }
  SECTION("while somebody sets the node up or formats a drive it waits") {
    a.machine.drives = {pulled};
    CHECK_FALSE(a.data.watch(false));
    CHECK(a.machine.at == "memory");
    CHECK(a.data.watch());
  }
  SECTION("another node's partition is not taken for it") {
    a.machine.drives = {{.name = "vda1", .uuid = "stranger"}};
    CHECK_FALSE(a.data.watch());
    CHECK(a.machine.at == "memory");
  }
  SECTION("back with errors it is refused once, until it is pulled again") {
    a.machine.drives = {pulled};
    a.machine.drives[0].check_says = "it has errors";
    CHECK_FALSE(a.data.watch());
    CHECK(a.machine.at == "memory");
    CHECK(a.machine.memory.at("sonde.xml") == "changed");
    CHECK_THAT(a.data.state().sentence, Contains("vda1 is not used: it has errors"));
    a.machine.done.clear();
    CHECK_FALSE(a.data.watch());
    CHECK(a.machine.done.empty());
    a.machine.drives.clear();
    CHECK_FALSE(a.data.watch());
    a.machine.drives = {pulled};
    CHECK(a.data.watch());
    CHECK(a.machine.at == "vda1");
  }
  SECTION("back but not to be mounted, what is in memory begins anew with the settings") {
    a.machine.drives = {pulled};
    a.machine.drives[0].mount_says = "it cannot be mounted";
    CHECK(a.data.watch());
    CHECK(a.machine.at == "memory");
    CHECK(a.machine.memory.at("sonde.xml") == "changed");
    CHECK(a.data.state().bad);
    CHECK_FALSE(a.data.watch());
  }
}

TEST_CASE("a drive that reports errors is left, and not tried again while it stays") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode}});
  CHECK_FALSE(a.data.watch());
  a.machine.writes = false;
  CHECK(a.data.watch());
  CHECK(a.machine.memory == kNode);
  CHECK_THAT(a.data.state().sentence, Contains("reports errors"));
  a.machine.writes = true;
  CHECK_FALSE(a.data.watch());
  CHECK(a.machine.at == "memory");
}

TEST_CASE("a partition that comes late is taken up as long as nothing was answered in memory") {
  Appliance a({});
  a.machine.drives = {{.name = "sda1", .uuid = "u", .files = kNode, .usb = true}};
  SECTION("nothing was") {
    CHECK(a.data.watch());
    CHECK(a.machine.at == "sda1");
    CHECK(a.data.state().sentence == "The data partition sda1 was found and is used from now on.");
  }
  SECTION("something was") {
    a.machine.settings = true;
    CHECK_FALSE(a.data.watch());
    CHECK(a.machine.at == "memory");
  }
}

TEST_CASE("memory that is nearly full of data is told once, before all else") {
  Appliance a({});
  a.machine.nearly_full = true;
  for (int i = 0; i < 2; ++i) CHECK_FALSE(a.data.watch());
  CHECK(a.data.state().bad);
  CHECK_THAT(a.data.state().sentence, Catch::Matchers::StartsWith("Data are kept in memory, which is nearly full") &&
                                          Contains("There is no data partition"));
}

TEST_CASE("a chosen drive is formatted only where that was said, and takes what is in memory") {
  Appliance a({});
  a.machine.memory = kNode;
  a.machine.settings = true;
  a.machine.drives = {{.name = "vda1", .uuid = "x", .labelled = false}};
  CHECK_THROWS_WITH(a.data.use("vda", "other", true), Contains("serial number of vda is s-vda1"));
  CHECK_THROWS_WITH(a.data.use("vda", "s-vda1", false), Contains("must be formatted"));
  CHECK_THROWS_WITH(a.data.use("vdz", "", true), Contains("no drive or partition vdz"));
  CHECK(a.machine.at == "memory");
  CHECK_THAT(a.data.use("vda", "s-vda1", true), Contains("moved to vda1"));
  CHECK(a.machine.here() == kNode);
  CHECK(a.data.state() == HostData::State{.device = "vda1", .uuid = "fresh"});
  CHECK_THROWS_WITH(a.data.use("vda", "s-vda1", true), Contains("kept on vda1.") && Contains("make a backup"));
}

TEST_CASE("our own partition is checked before it is chosen, and refused with what is wrong") {
  Appliance a({{.name = "vda1", .uuid = "u", .files = kNode, .check_says = "it has errors"}});
  CHECK_THROWS_WITH(a.data.use("vda1", "", false), Contains("vda1 is not used: it has errors"));
  CHECK(a.machine.at == "memory");
  a.machine.drives[0].check_says.clear();
  CHECK_THAT(a.data.use("vda1", "", false), Contains("the node starts anew with them"));
  CHECK(a.machine.at == "vda1");
}
