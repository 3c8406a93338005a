#include "appliance/host_data.h"

#include <algorithm>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr const char* kNearlyFull =
    "Data are kept in memory, which is nearly full of them: choose a drive under Data before results are lost.";

std::string not_used(const std::string& device, const std::string& why) {
  return "The data partition " + device + " is not used: " + why + ".";
}

std::string names_of(const std::vector<std::string>& devices) {
  std::string names;
  for (const std::string& name : devices) names += (names.empty() ? "" : ", ") + name;
  return names;
}

void add_sentence(std::string& text, const std::string& sentence) {
  if (!sentence.empty()) text += (text.empty() ? "" : " ") + sentence;
}

}  // namespace

std::string HostData::uuid_of(const std::string& device) const {
  for (const Disk& disk : machine_.disks()) {
    if (disk.name == device) return disk.content.uuid;
    for (const Partition& part : disk.partitions)
      if (part.name == device) return part.content.uuid;
  }
  return {};
}

/// Empty = it is at /data.
std::string HostData::try_partition(const std::string& device) {
  if (auto why = machine_.check(device); !why.empty()) return why;
  if (auto why = machine_.mount(device, DataMachine::Access::writing); !why.empty()) return why;
  state_.device = device;
  state_.uuid = uuid_of(device);
  return {};
}

void HostData::settle() {
  const auto all = machine_.disks();
  const auto found = data_partitions(all);
  std::string complaint;
  for (const std::string& device : damaged_data_partitions(all))
    add_sentence(complaint, not_used(device, "the begin of its file system is damaged, nothing of it can be read"));
  std::vector<std::string> unused;
  for (const std::string& device : found) {
    const std::string why = try_partition(device);
    if (why.empty()) break;
    unused.push_back(device);
    add_sentence(complaint, not_used(device, why));
  }
  state_.refused.insert(unused.begin(), unused.end());
  if (state_.device.empty()) return start_from_memory(unused, complaint);
  state_.sentence = complaint;
  if (found.size() > 1)
    add_sentence(state_.sentence, std::to_string(found.size()) + " partitions are labelled " + kDataLabel + " (" +
                                      names_of(found) + "): " + state_.device +
                                      " is used. Take the other drive out, or format it for something else.");
  state_.bad = !state_.sentence.empty();
  machine_.make_folders();
}

/// With the settings of a partition that can be read at least: its node goes on measuring.
void HostData::start_from_memory(const std::vector<std::string>& unused, const std::string& complaint) {
  for (const std::string& device : unused) {
    if (!machine_.mount(device, DataMachine::Access::reading).empty()) continue;
    machine_.read_settings(kept_);
    machine_.keep_shell();
    machine_.unmount();
    if (!kept_.empty()) state_.uuid = uuid_of(device);
    if (!kept_.empty()) break;
  }
  settings_to_memory();
  state_.bad = !complaint.empty();
  state_.sentence =
      complaint.empty()
          ? "There is no data partition: everything is kept in memory and lost when the power goes. Choose a drive "
            "under Data."
          : complaint + (kept_.empty() ? " The node starts as a new one" : " Measuring goes on with its settings") +
                ", and everything is kept in memory and lost when the power goes. Choose another drive, or format "
                "this one, under Data on the console.";
}

void HostData::settings_to_memory() {
  state_.device.clear();
  machine_.mount_memory();
  machine_.make_folders();
  machine_.write_settings(kept_);
}

std::string HostData::use(const std::string& name, const std::string& serial, bool format) {
  const auto all = machine_.disks();
  const auto places = places_for_data(all);
  const auto place = std::ranges::find(places, name, &FoundDisk::name);
  if (place == places.end()) throw Error("There is no drive or partition " + name + " that data can be kept on.");
  if (name == state_.device) return "Data are kept on " + name + " already.";
  const auto disk = std::ranges::find(all, name, &Disk::name);
  if (disk != all.end() && disk->serial != serial)
    throw Error("The serial number of " + name + " is " + (disk->serial.empty() ? "not known" : disk->serial) +
                ", not " + serial + ": look which drive is meant.");
  if (!place->ours && !format)
    throw Error(name + (place->content == kEmptyDisk ? " is empty" : " holds " + place->content) +
                ", so it must be formatted, which loses all that is on it. Say so first.");
  if (!state_.device.empty())
    throw Error("Data are kept on " + state_.device +
                ". To keep them on another drive: make a backup, power off, take this drive out, start, choose the "
                "other one, set up, restore the backup.");
  const std::string device = format ? machine_.format(disk == all.end() ? nullptr : &*disk, name) : name;
  if (const std::string why = format ? "" : machine_.check(device); !why.empty()) throw Error(not_used(device, why));
  const bool has_node = machine_.move_to(device);
  state_ = {.device = device, .uuid = uuid_of(device)};
  kept_.clear();
  machine_.make_folders();
  return has_node ? "The data on " + device + " are used from now on; the node starts anew with them."
                  : "What was measured so far moved to " + device + "; data are kept there from now on.";
}

void HostData::lost(const std::string& why) {
  const std::string device = state_.device;
  const auto held = machine_.hold_node();
  machine_.unmount();
  settings_to_memory();
  state_.sentence =
      "The data partition " + device + " " + why +
      ". Measuring goes on with the same settings; results are kept in memory and lost when the power goes. "
      "Put the drive back, or choose another one under Data.";
  state_.bad = true;
}

/// It is the one of before, or there is nothing in memory to lose (a drive that came late).
bool HostData::may_take_up(const std::string& device) const {
  if (state_.refused.contains(device)) return false;
  return state_.uuid.empty() ? !machine_.has_settings() : uuid_of(device) == state_.uuid;
}

bool HostData::take_up(const std::string& device) {
  std::string why = machine_.check(device);
  const bool sound = why.empty();
  if (sound) {
    const auto held = machine_.hold_node();
    // It may have been set up while the file system was looked at.
    if (!may_take_up(device)) return false;
    machine_.read_settings(kept_);
    machine_.unmount();
    why = machine_.mount(device, DataMachine::Access::writing);
    if (why.empty()) {
      const bool again = !state_.uuid.empty();
      state_ = {.device = device, .uuid = uuid_of(device)};
      state_.sentence = "The data partition " + device +
                        (again ? " is in use again. What was measured or changed in memory meanwhile is not in it."
                               : " was found and is used from now on.");
      kept_.clear();
      machine_.make_folders();
      return true;
    }
    settings_to_memory();
  }
  state_.refused.insert(device);
  state_.sentence =
      not_used(device, why) + " Data stay in memory. Choose another drive, or format this one, under Data.";
  state_.bad = true;
  return sound;
}

void HostData::tell_of_memory() {
  if (!machine_.memory_is_nearly_full() || state_.sentence.starts_with(kNearlyFull)) return;
  std::string sentence = kNearlyFull;
  add_sentence(sentence, state_.sentence);
  state_.sentence = sentence;
  state_.bad = true;
}

bool HostData::watch(bool takes_up) {
  if (!state_.device.empty()) {
    if (!machine_.is_there(state_.device)) {
      lost("was pulled out");
      return true;
    }
    if (!machine_.takes_writes()) {
      // It would come back at once and fail again: another try needs a person, or a start of the machine.
      state_.refused.insert(state_.device);
      lost("no longer takes what is written to it (its drive reports errors)");
      return true;
    }
    machine_.read_settings(kept_);
    return false;
  }
  tell_of_memory();
  const auto found = data_partitions(machine_.disks());
  std::erase_if(state_.refused, [&](const std::string& device) { return std::ranges::count(found, device) == 0; });
  if (!takes_up) return false;
  for (const std::string& device : found)
    if (may_take_up(device)) return take_up(device);
  return false;
}

}  // namespace sonde
