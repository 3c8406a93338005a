#include "appliance/host_node.h"

#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "appliance/host_places.h"
#include "core/base/files.h"
#include "core/host/host_reading.h"

namespace sonde {
namespace {

/// The process that a script wrote down before it became the program; 0 = none.
pid_t running(const char* pid_file) {
  const auto number = read_number(pid_file);
  if (!number || *number < 2) return 0;
  const auto pid = static_cast<pid_t>(*number);
  return ::kill(pid, 0) == 0 ? pid : 0;
}

bool ended_within(pid_t pid, Duration patience) {
  for (Duration waited{}; waited < patience; waited += std::chrono::milliseconds(50)) {
    if (::kill(pid, 0) != 0) return true;
    ::usleep(50'000);
  }
  return ::kill(pid, 0) != 0;
}

void end(const char* pid_file, Duration patience) {
  const pid_t pid = running(pid_file);
  if (pid == 0) return;
  ::kill(pid, SIGTERM);
  if (ended_within(pid, patience)) return;
  ::kill(pid, SIGKILL);
  ended_within(pid, std::chrono::seconds(5));
}

/// What else runs as the node's user: its folders are about to be walked through by root.
void end_all_of_node() {
  const passwd* user = ::getpwnam(host::kUser);
  if (!user) return;
  // Again until nobody is left: one may begin while the list is read.
  for (int tries = 0, left = 1; left > 0 && tries < 50; ++tries) {
    left = 0;
    for (const std::string& name : names_in("/proc")) {
      struct stat facts {};
      const auto pid = static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
      if (pid < 2 || ::stat(("/proc/" + name).c_str(), &facts) != 0 || facts.st_uid != user->pw_uid) continue;
      ++left;
      ::kill(pid, SIGKILL);
    }
    if (left > 0) ::usleep(20'000);
  }
}

}  // namespace

NodeHeld::NodeHeld() {
  write_file_atomically(host::kHold, "", 0600);
  end(host::kNodePid, std::chrono::seconds(20));
  end_all_of_node();
}

NodeHeld::~NodeHeld() {
  std::error_code error;
  std::filesystem::remove(host::kHold, error);
}

void restart_program(const char* pid_file, Duration patience) { end(pid_file, patience); }

}  // namespace sonde
