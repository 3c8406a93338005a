#include "appliance/linux_data_machine.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "appliance/host_node.h"
#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "appliance/host_words.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/host_reading.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNewData = "/run/sonde/new-data";
constexpr std::string_view kLabelBefore = "SONDE_DATA: ";  ///< so e2fsck begins what it says
constexpr std::size_t kMostKeptFile = 1 << 20, kMostKept = 8 << 20;
constexpr unsigned long kDataFlags = MS_NOATIME | MS_NODEV | MS_NOSUID;

std::string path_of(const std::string& device) { return "/dev/" + device; }

/// sda1 of sda, nvme0n1p1 of nvme0n1
std::string first_partition(const std::string& disk) {
  return disk + (std::isdigit(static_cast<unsigned char>(disk.back())) ? "p1" : "1");
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

/// Of what e2fsck said, the line that tells what it met before it gave up.
std::string cause_of(const std::string& said) {
  const std::string before = said.substr(0, said.find("\n\n"));
  const std::string line = last_line(before.substr(0, before.find_last_not_of(" .\n") + 1));
  return line.starts_with(kLabelBefore) ? line.substr(kLabelBefore.size()) : line;
}

/// What ext4 keeps back for root is the node's: where something else filled the drive, it still starts and is told so.
std::string writing_options() {
  const passwd* user = ::getpwnam(host::kUser);
  return "commit=5,errors=remount-ro" + (user ? ",resuid=" + std::to_string(user->pw_uid) : std::string());
}

std::string mount_for_writing(const std::string& device, const char* where) {
  if (::mount(path_of(device).c_str(), where, "ext4", kDataFlags, writing_options().c_str()) == 0) return {};
  return "it cannot be mounted (" + errno_text(errno) + ")";
}

}  // namespace

BlockContent content_of(const std::string& device) {
  return parse_blkid(run_program({"/usr/sbin/blkid", "-p", "-o", "export", path_of(device)}).said);
}

std::vector<Disk> LinuxDataMachine::disks() const { return read_disks({}, content_of, mounted_device(host::kMedium)); }

std::string LinuxDataMachine::check(const std::string& device) {
  const ProgramOutcome check = run_program({"/usr/sbin/e2fsck", "-p", path_of(device)}, {}, std::chrono::minutes(30));
  // 1 = errors were mended; more = a person must decide.
  if (check.status >= 0 && check.status <= 1) return {};
  return "its file system has errors that need a decision (" + cause_of(check.said) + ")";
}

std::string LinuxDataMachine::mount(const std::string& device, Access access) {
  if (access == Access::writing) return mount_for_writing(device, host::kData);
  // Without its journal: what is not sound is not written to either.
  if (::mount(path_of(device).c_str(), host::kData, "ext4", kDataFlags | MS_RDONLY, "noload,errors=continue") == 0)
    return {};
  return "it cannot be read (" + errno_text(errno) + ")";
}

void LinuxDataMachine::mount_memory() {
  if (mount_compressed_memory()) return;
  if (::mount("data", host::kData, "tmpfs", MS_NODEV | MS_NOSUID, "mode=755,size=40%") != 0)
    throw Error("mount memory at", host::kData, errno);
}

void LinuxDataMachine::unmount() {
  restart_program(host::kClockPid);
  ::umount2(host::kData, MNT_DETACH);
}

void LinuxDataMachine::make_folders() {
  run_program({"/usr/bin/mkdir", "-p", host::kNodeData, "/data/chrony", "/data/dhcpcd", "/data/log", "/data/staging"});
  run_program({"/usr/bin/chown", "sonde:sonde", host::kNodeData, "/data/staging"});
  run_program({"/usr/bin/chmod", "700", host::kNodeData, "/data/staging"});
  run_program({"/usr/bin/chown", "-h", "-R", "_chrony:_chrony", "/data/chrony"});
}

bool LinuxDataMachine::is_there(const std::string& device) const { return fs::exists("/sys/class/block/" + device); }

/// An ext4 that met an error is read-only from then on.
bool LinuxDataMachine::takes_writes() const {
  struct statvfs state {};
  return ::statvfs(host::kData, &state) == 0 && (state.f_flag & ST_RDONLY) == 0;
}

/// mm_stat: what is stored, compressed, used, the limit, ...
bool LinuxDataMachine::memory_is_nearly_full() const {
  const auto words = words_of(read_line("/sys/block/zram0/mm_stat").value_or(""));
  if (words.size() < 4) return false;
  const double used = std::strtod(words[2].c_str(), nullptr), limit = std::strtod(words[3].c_str(), nullptr);
  return limit > 0 && used > 0.85 * limit;
}

bool LinuxDataMachine::has_settings() const {
  std::string sentence;
  const Config config = read_host_config(sentence);
  return config.set_up || (config.host && *config.host != HostSettings{});
}

std::string LinuxDataMachine::format(const Disk* disk, const std::string& name) {
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

bool LinuxDataMachine::move_to(const std::string& device) {
  make_folder(kNewData, 0755);
  if (const std::string why = mount_for_writing(device, kNewData); !why.empty()) throw Error(device + ": " + why + ".");
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
  unmount();
  if (::mount(kNewData, host::kData, nullptr, MS_MOVE, nullptr) != 0) throw Error("move", kNewData, errno);
  return has_node;
}

void LinuxDataMachine::read_settings(Settings& known) {
  const auto is_newer = [this](const std::string& name, const struct stat& facts) {
    const auto seen = read_at_.find(name);
    return seen == read_at_.end() || seen->second.tv_sec != facts.st_ctim.tv_sec ||
           seen->second.tv_nsec != facts.st_ctim.tv_nsec;
  };
  Settings now;
  std::size_t octets = 0;
  for (const std::string& name : names_in(host::kNodeData)) {
    const std::string path = std::string(host::kNodeData) + "/" + name;
    struct stat facts {};
    // A link may lead to what the node's user could not read itself.
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (name.find(".db") != std::string::npos || name.starts_with(".")) continue;
    if (static_cast<std::size_t>(facts.st_size) > kMostKeptFile) continue;
    octets += static_cast<std::size_t>(facts.st_size);
    if (octets > kMostKept) break;
    if (const auto before = known.find(name); before != known.end() && !is_newer(name, facts)) {
      now[name] = std::move(before->second);
    } else if (auto content = read_plain(path, kMostKeptFile)) {
      now[name] = std::move(*content);
      read_at_[name] = facts.st_ctim;
    }
  }
  known = std::move(now);
}

void LinuxDataMachine::write_settings(const Settings& settings) {
  for (const auto& [name, content] : settings)
    write_file_atomically(std::string(host::kNodeData) + "/" + name, content, 0600);
  run_program({"/usr/bin/chown", "-h", "-R", "sonde:sonde", host::kNodeData});
}

void LinuxDataMachine::keep_shell() {
  for (const auto& [kept, in_use] :
       {std::pair{host::kKeptHostKey, host::kShellHostKey}, std::pair{host::kKeptKeys, host::kKeysInUse}}) {
    const auto content = read_plain(kept, kMostKeptFile);
    if (!content) continue;
    make_folder(fs::path(in_use).parent_path(), 0700);
    write_file_atomically(in_use, *content, 0600);
  }
}

std::shared_ptr<void> LinuxDataMachine::hold_node() { return std::make_shared<NodeHeld>(); }

}  // namespace sonde
