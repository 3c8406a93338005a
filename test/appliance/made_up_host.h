#pragma once

#include <string>
#include <vector>

#include "appliance/data_machine.h"
#include "appliance/host_words.h"
#include "test/appliance/made_up_slots.h"

namespace sonde::test {

/// Drives that are only told of; nothing can be done with them.
class ToldDrives final : public DataMachine {
 public:
  std::vector<Disk> drives;
  std::vector<Disk> disks() const override { return drives; }
  std::string check(const std::string&) override { return "it is made up"; }
  std::string mount(const std::string&, Access) override { return "it is made up"; }
  void mount_memory() override {}
  void unmount() override {}
  void make_folders() override {}
  bool is_there(const std::string&) const override { return true; }
  bool takes_writes() const override { return true; }
  bool memory_is_nearly_full() const override { return false; }
  bool has_settings() const override { return false; }
  std::string format(const Disk*, const std::string& name) override { return touched = "format " + name; }
  bool move_to(const std::string& device) override { return (touched = "move " + device).empty(); }
  void read_settings(Settings&) override {}
  void write_settings(const Settings&) override {}
  void keep_shell() override {}
  std::shared_ptr<void> hold_node() override { return nullptr; }
  std::string touched;  ///< what must not come about
};

/// A root helper's own code, asked as the daemon asks it, over a machine with two slots and three made-up drives: vda
/// with the slots and data, vdb empty, vdc without a serial number. Words that would change this host (apply, use-data
/// where it succeeds, reboot, power-off) must not be asked.
struct MadeUpHost : MadeUpSlots {
  MadeUpHost() {
    const auto drive = [](const char* name, const char* serial, std::uint64_t octets) {
      return Disk{.name = name, .model = "Made up", .serial = serial, .octets = octets};
    };
    Disk system = drive("vda", "disk0", 8ULL << 30);
    system.booted_from = true;
    system.partitions = {{"vda5", 4ULL << 30, {.type = "ext4", .label = kDataLabel}}};
    drives.drives = {system, drive("vdb", "disk1", 8ULL << 30), drive("vdc", "", 1ULL << 30)};
  }
  std::string answer(const std::string& request) {
    return answer_host(request, {data, network, watch, slots, setup_file}, asker);
  }
  Json ask(const std::string& word, const std::string& arguments = "{}") {
    return *parse_json(answer(R"({"word":")" + word + R"(","arguments":)" + arguments + "}")).value;
  }

  ToldDrives drives;
  HostData data{drives};
  HostNetwork network;
  HostWatch watch{"/no/watchdog"};
  HostSlotWords slots{places};
  SetupFileOutcome setup_file;
  HostAsker asker = HostAsker::node;
};

}  // namespace sonde::test
