#include "appliance/host_programs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr std::size_t kMostSaid = 64 << 10;

/// The input as a file in memory: it needs nobody who feeds it.
int input_file(const std::string& input) {
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  if (file < 0) return -1;
  std::size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = ::write(file, input.data() + written, input.size() - written);
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

int start(const std::vector<std::string>& words, int in, int out, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_adddup2(&actions, out, 2);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  static constexpr const char* kEnvironment[] = {"PATH=/usr/sbin:/usr/bin", "LC_ALL=C", nullptr};
  const int error = ::posix_spawn(&pid, words.front().c_str(), &actions, &attributes, arguments.data(),
                                  const_cast<char**>(kEnvironment));
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Until it closes its outputs or the time is over; false = over.
bool listen_to(int from, std::chrono::steady_clock::time_point until, std::string& said) {
  std::array<char, 4096> block{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{from, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t n = ::read(from, block.data(), block.size());
    if (n <= 0) return true;
    const std::size_t room = kMostSaid - std::min(kMostSaid, said.size());
    said.append(block.data(), std::min(room, static_cast<std::size_t>(n)));
  }
}

}  // namespace

ProgramOutcome run_program(const std::vector<std::string>& words, const std::string& input, Duration limit) {
  ProgramOutcome outcome;
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return {-1, errno_text(errno)};
  const int in = input_file(input);
  pid_t pid = 0;
  const int error = in < 0 ? errno : start(words, in, pipe[1], pid);
  ::close(pipe[1]);
  if (in >= 0) ::close(in);
  if (error != 0) {
    ::close(pipe[0]);
    return {-1, words.front() + ": " + errno_text(error)};
  }
  if (!listen_to(pipe[0], std::chrono::steady_clock::now() + limit, outcome.said)) ::kill(pid, SIGKILL);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  while (!outcome.said.empty() && outcome.said.back() == '\n') outcome.said.pop_back();
  return outcome;
}

}  // namespace sonde
