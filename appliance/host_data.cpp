#include "appliance/host_data.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/host_reading.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNewData = "/run/sonde/new-data";
constexpr std::size_t kMostKeptFile = 1 << 20;
constexpr unsigned kRememberEvery = 15;  ///< rounds: every half minute
constexpr unsigned long kDataFlags = MS_NOATIME | MS_NODEV | MS_NOSUID;

std::string path_of(const std::string& device) { return "/dev/" + device; }

/// sda1 of sda, nvme0n1p1 of nvme0n1
std::string first_partition(const std::string& disk) {
  return disk + (std::isdigit(static_cast<unsigned char>(disk.back())) ? "p1" : "1");
}

BlockContent content_of(const std::string& device) {
  return parse_blkid(run_program({"/usr/sbin/blkid", "-p", "-o", "export", path_of(device)}).said);
}

/// "/dev/sda1" of what is mounted there
std::string mounted_device(const std::string& where) {
  const std::string mounts = read_start("/proc/self/mounts", 64 << 10).value_or("");
  std::size_t at = 0;
  std::string device;
  while (at < mounts.size()) {
    const std::size_t end = std::min(mounts.find('\n', at), mounts.size());
    const auto words = words_of(mounts.substr(at, end - at));
    if (words.size() > 1 && words[1] == where && words[0].starts_with("/dev/")) device = words[0].substr(5);
    at = end + 1;
  }
  return device;
}

std::string last_line(const std::string& text) {
  const auto at = text.rfind('\n');
  return at == std::string::npos ? text : text.substr(at + 1);
}

bool is_there(const std::string& device) { return fs::exists("/sys/class/block/" + device); }

/// An ext4 that met an error is read-only from then on; so is one whose drive went.
bool takes_writes() {
  struct statvfs state {};
  return ::statvfs(host::kData, &state) == 0 && (state.f_flag & ST_RDONLY) == 0;
}

void run_or_throw(const std::vector<std::string>& words, const std::string& input, const std::string& what) {
  const ProgramOutcome outcome = run_program(words, input, std::chrono::minutes(10));
  if (outcome.status != 0) throw Error(what + " failed: " + last_line(outcome.said));
}

/// Memory as a drive that compresses what is written to it: files of series are as large at once as they will ever be,
/// and nearly all of that is empty. It shows eight times the memory there is and takes at most half of it.
bool mount_compressed_memory() {
  if (run_program({"/usr/sbin/modprobe", "zram"}).status != 0) return false;
  const auto memory =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto tell = [](const char* name, const std::string& value) {
    const int file = ::open((std::string("/sys/block/zram0/") + name).c_str(), O_WRONLY | O_CLOEXEC);
    const bool done = file >= 0 && ::write(file, value.data(), value.size()) == static_cast<ssize_t>(value.size());
    if (file >= 0) ::close(file);
    return done;
  };
  tell("reset", "1");
  if (!tell("disksize", std::to_string(memory * 8)) || !tell("mem_limit", std::to_string(memory / 2))) return false;
  if (run_program({"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "/dev/zram0"})
          .status != 0)
    return false;
  return ::mount("/dev/zram0", host::kData, "ext4", kDataFlags, "discard") == 0;
}

/// mm_stat: what is stored, compressed, used, the limit, ...
bool memory_is_nearly_full() {
  const auto words = words_of(read_line("/sys/block/zram0/mm_stat").value_or(""));
  if (words.size() < 4) return false;
  const double used = std::strtod(words[2].c_str(), nullptr), limit = std::strtod(words[3].c_str(), nullptr);
  return limit > 0 && used > 0.85 * limit;
}

}  // namespace

std::vector<Disk> HostData::disks() const { return read_disks({}, content_of, mounted_device(host::kMedium)); }

void HostData::mount_memory() {
  state_.device.clear();
  state_.uuid.clear();
  if (mount_compressed_memory()) return;
  if (::mount("data", host::kData, "tmpfs", MS_NODEV | MS_NOSUID, "mode=755,size=40%") != 0)
    throw Error("mount memory at", host::kData, errno);
}

bool HostData::mount_partition(const std::string& device, std::string& why) {
  const ProgramOutcome check = run_program({"/usr/sbin/e2fsck", "-p", path_of(device)}, {}, std::chrono::minutes(30));
  // 1 = errors were mended; more = a person must decide.
  if (check.status > 1) {
    why = "its file system has errors that need a decision (" + last_line(check.said) + ")";
    return false;
  }
  if (::mount(path_of(device).c_str(), host::kData, "ext4", kDataFlags, "commit=5,errors=remount-ro") != 0) {
    why = "it cannot be mounted (" + errno_text(errno) + ")";
    return false;
  }
  state_.device = device;
  state_.uuid = content_of(device).uuid;
  return true;
}

void HostData::make_folders() {
  run_program({"/usr/bin/mkdir", "-p", host::kNodeData, "/data/chrony", "/data/dhcpcd", "/data/log", "/data/staging"});
  run_program({"/usr/bin/chown", "sonde:sonde", host::kNodeData, "/data/staging"});
  run_program({"/usr/bin/chmod", "700", host::kNodeData, "/data/staging"});
  run_program({"/usr/bin/chown", "-h", "-R", "_chrony:_chrony", "/data/chrony"});
}

void HostData::settle() {
  const auto found = data_partitions(disks());
  std::string why;
  for (const std::string& device : found) {
    if (mount_partition(device, why)) break;
    refused_ = device;
    state_ = {
        .sentence = "The data partition " + device + " is not used: " + why +
                    ". Everything is kept in memory meanwhile and lost when the power goes. Choose another drive, or "
                    "format this one, under Data on the console.",
        .bad = true};
  }
  if (state_.device.empty()) {
    mount_memory();
    if (found.empty())
      state_.sentence =
          "There is no data partition: everything is kept in memory and lost when the power goes. Choose a drive under "
          "Data.";
  } else if (found.size() > 1) {
    std::string names;
    for (const std::string& name : found) names += (names.empty() ? "" : ", ") + name;
    state_.sentence = std::to_string(found.size()) + " partitions are labelled " + kDataLabel + " (" + names +
                      "): " + state_.device + " is used. Take the other drive out, or format it for something else.";
    state_.bad = true;
  }
  make_folders();
}

std::string HostData::format_drive(const Disk* disk, const std::string& name) {
  std::string device = name;
  if (disk) {
    run_or_throw({"/usr/sbin/sfdisk", "--quiet", "--wipe", "always", "--wipe-partitions", "always", path_of(name)},
                 "label: gpt\nname=sonde-data, type=linux\n", "Making a partition on " + name);
    device = first_partition(name);
    for (int tries = 0; !is_there(device) && tries < 50; ++tries) ::usleep(100'000);
  }
  run_or_throw({"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", kDataLabel, path_of(device)}, {},
               "Formatting " + device);
  return device;
}

std::string HostData::use(const std::string& name, const std::string& serial, bool format) {
  const auto all = disks();
  const auto places = places_for_data(all);
  const auto place = std::ranges::find(places, name, &FoundDisk::name);
  if (place == places.end()) throw Error("There is no drive or partition " + name + " that data can be kept on.");
  if (name == state_.device) return "Data are kept on " + name + " already.";
  const auto disk = std::ranges::find(all, name, &Disk::name);
  if (disk != all.end() && disk->serial != serial)
    throw Error("The serial number of " + name + " is " + (disk->serial.empty() ? "not known" : disk->serial) +
                ", not " + serial + ": look which drive is meant.");
  if (!place->ours && !format)
    throw Error(name + " " + place->content +
                ", so it must be formatted, which loses all that is on it. Say so first.");
  if (!state_.device.empty())
    throw Error("Data are kept on " + state_.device + " already. Make a backup, restore it on the other drive.");
  const std::string device = format ? format_drive(disk == all.end() ? nullptr : &*disk, name) : name;
  return move_to(device);
}

std::string HostData::move_to(const std::string& device) {
  make_folder(kNewData, 0755);
  if (::mount(path_of(device).c_str(), kNewData, "ext4", kDataFlags, "commit=5,errors=remount-ro") != 0)
    throw Error("mount", path_of(device), errno);
  const bool has_node = fs::exists(std::string(kNewData) + "/sonde/sonde.xml");
  const NodeHeld held;
  if (!has_node) {
    const ProgramOutcome copied = run_program({"/usr/bin/cp", "-a", "/data/.", kNewData}, {}, std::chrono::minutes(30));
    ::sync();
    if (copied.status != 0) {
      ::umount2(kNewData, MNT_DETACH);
      throw Error("Moving the data to " + device + " failed: " + last_line(copied.said) +
                  ". They are still in memory.");
    }
  }
  restart_program(host::kClockPid);
  ::umount2(host::kData, MNT_DETACH);
  if (::mount(kNewData, host::kData, nullptr, MS_MOVE, nullptr) != 0) throw Error("move", kNewData, errno);
  state_ = {.device = device, .uuid = content_of(device).uuid};
  make_folders();
  return has_node ? "The data on " + device + " are used from now on; the node starts anew with them."
                  : "What was measured so far moved to " + device + "; data are kept there from now on.";
}

void HostData::remember() {
  kept_.clear();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(host::kNodeData, error)) {
    const std::string name = entry.path().filename();
    // A link may lead to what the node's user could not read itself.
    if (!fs::is_regular_file(entry.symlink_status(error)) || entry.file_size(error) > kMostKeptFile) continue;
    if (name.find(".db") != std::string::npos || name.starts_with(".")) continue;
    if (auto content = read_start(entry.path(), kMostKeptFile)) kept_[name] = std::move(*content);
  }
}

void HostData::recall() {
  for (const auto& [name, content] : kept_)
    write_file_atomically(std::string(host::kNodeData) + "/" + name, content, 0600);
  run_program({"/usr/bin/chown", "-h", "-R", "sonde:sonde", host::kNodeData});
}

void HostData::lost(const std::string& why) {
  const std::string device = state_.device, uuid = state_.uuid;
  const NodeHeld held;
  restart_program(host::kClockPid);
  ::umount2(host::kData, MNT_DETACH);
  mount_memory();
  make_folders();
  recall();
  state_.uuid = uuid;
  state_.sentence =
      "The data partition " + device + " " + why +
      ". Measuring goes on with the same settings; results are kept in memory and lost when the power goes. "
      "Put the drive back, or choose another one under Data.";
  state_.bad = true;
}

bool HostData::watch() {
  if (!state_.device.empty()) {
    if (!is_there(state_.device)) {
      lost("was pulled out");
      return true;
    }
    if (!takes_writes()) {
      lost("no longer takes what is written to it (its drive reports errors)");
      return true;
    }
    if (rounds_++ % kRememberEvery == 0) remember();
    return false;
  }
  if (memory_is_nearly_full()) {
    state_.sentence =
        "Data are kept in memory, which is nearly full of them: choose a drive under Data before results are lost.";
    state_.bad = true;
  }
  // In memory: a partition that comes (back) is taken up by itself when it is ours of before, or nothing would be lost.
  for (const std::string& device : data_partitions(disks())) {
    const bool same = !state_.uuid.empty() && content_of(device).uuid == state_.uuid;
    if (!same || device == refused_) continue;
    const NodeHeld held;
    restart_program(host::kClockPid);
    ::umount2(host::kData, MNT_DETACH);
    std::string why;
    const bool back = mount_partition(device, why);
    if (back) {
      state_.sentence =
          "The data partition " + device + " is back in use. What was measured in memory meanwhile is not in it.";
      state_.bad = false;
    } else {
      refused_ = device;
      mount_memory();
      make_folders();
      recall();
    }
    make_folders();
    return true;
  }
  return false;
}

}  // namespace sonde
