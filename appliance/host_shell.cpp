#include "appliance/host_shell.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/host_reading.h"
#include "core/host/shell_plan.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr const char *kServer = "/usr/sbin/dropbear", *kKeyTool = "/usr/bin/dropbearkey";
constexpr const char* kNewHostKey = "/run/sonde/shell/new_key";
constexpr std::size_t kMostKey = 16 << 10, kMostKeys = 1 << 20;

/// Of the key in that file; empty = there is none that can be used.
std::string fingerprint_of(const char* file) {
  if (!fs::is_regular_file(fs::symlink_status(file))) return {};
  return shell_fingerprint(run_program({kKeyTool, "-y", "-f", file}).said);
}

std::vector<pid_t> servers() {
  std::vector<pid_t> found;
  for (const std::string& name : names_in("/proc")) {
    std::error_code error;
    const pid_t pid = std::atoi(name.c_str());
    if (pid > 1 && fs::read_symlink("/proc/" + name + "/exe", error) == kServer) found.push_back(pid);
  }
  return found;
}

/// Whoever is connected, too: each has a process of the same program.
void end_servers() {
  for (int tries = 0; tries < 60; ++tries) {
    const auto left = servers();
    if (left.empty()) return;
    for (const pid_t pid : left) ::kill(pid, tries < 40 ? SIGTERM : SIGKILL);
    ::usleep(50'000);
  }
}

void write_if_other(const char* path, const std::string& text) {
  if (read_start(path, kMostKeys) != text) write_file_atomically(path, text, 0600);
}

}  // namespace

/// The key of the data partition counts; where it has none, the one in use goes there, so that data that move, or a
/// drive that comes back, are no other host.
void HostShell::take_host_key() {
  const auto copy = [](const char* from, const char* to) {
    const auto key = read_file(from, kMostKey);
    if (!key) throw Error(std::string("There is no key ") + from + " any more.");
    write_file_atomically(to, *key, 0600);
  };
  make_folder(fs::path(host::kShellHostKey).parent_path(), 0700);
  make_folder(fs::path(host::kKeptHostKey).parent_path(), 0700);
  if (fingerprint_of(host::kKeptHostKey).empty()) {
    if (fingerprint_of(host::kShellHostKey).empty()) {
      ::unlink(kNewHostKey);
      const ProgramOutcome made = run_program({kKeyTool, "-t", "ed25519", "-f", kNewHostKey});
      if (made.status != 0) throw Error("The remote shell's own key could not be made: " + made.said);
      copy(kNewHostKey, host::kKeptHostKey);
      ::unlink(kNewHostKey);
    } else {
      copy(host::kShellHostKey, host::kKeptHostKey);
    }
  }
  fingerprint_ = fingerprint_of(host::kKeptHostKey);
  if (fingerprint_of(host::kShellHostKey) == fingerprint_) return;
  copy(host::kKeptHostKey, host::kShellHostKey);
  end_servers();
}

void HostShell::apply(std::span<const std::string> keys) {
  const std::string before = read_start(host::kAuthorizedKeys, kMostKeys).value_or("");
  const std::string now = authorized_keys_text(keys);
  keys_ = keys.size();
  if (keys.empty()) {
    fingerprint_.clear();
    ::unlink(host::kShellHostKey);
    ::unlink(host::kAuthorizedKeys);
  } else {
    make_folder(fs::path(host::kAuthorizedKeys).parent_path(), 0700);
    write_if_other(host::kAuthorizedKeys, now);
    take_host_key();
  }
  if (lost_a_key(before, now)) end_servers();
}

}  // namespace sonde
