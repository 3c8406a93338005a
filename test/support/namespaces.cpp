#include "test/support/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <thread>

#include "core/base/error.h"

extern char** environ;

namespace sonde::test {

std::optional<std::string> why_no_namespaces() {
  if (::geteuid() != 0) return "not root: network namespaces cannot be made, so this is not tested";
  if (::access("/dev/net/tun", R_OK | W_OK) != 0) return "no /dev/net/tun: the path emulator cannot run";
  return std::nullopt;
}

void run_ip(const std::vector<std::string>& words) {
  std::vector<char*> arguments{const_cast<char*>("ip")};
  std::string all = "ip";
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
    all += ' ' + word;
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, "ip", nullptr, nullptr, arguments.data(), environ); error != 0) {
    throw Error("run", all, error);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw Error("\"" + all + "\" failed with status " + std::to_string(WEXITSTATUS(status)));
}

NetworkNamespace::NetworkNamespace(const std::string& hint) {
  static std::atomic<int> counter{0};
  name_ = "sonde-" + std::to_string(::getpid()) + '-' + std::to_string(++counter) + '-' + hint;
  run_ip({"netns", "add", name_});
  ip({"link", "set", "lo", "up"});
}

NetworkNamespace::~NetworkNamespace() {
  try {
    run_ip({"netns", "delete", name_});
  } catch (const Error&) {
    // Somebody else removed it; there is nobody to tell from here.
  }
}

void NetworkNamespace::ip(std::vector<std::string> words) const {
  words.insert(words.begin(), {"-n", name_});
  run_ip(words);
}

void enter_namespace(const std::string& name) {
  const std::string path = "/run/netns/" + name;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int result = fd < 0 ? -1 : ::setns(fd, CLONE_NEWNET);
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (result != 0) throw Error("enter", path, error);
}

void NetworkNamespace::run(const std::function<void()>& what) const {
  std::exception_ptr thrown;
  std::jthread([&] {
    try {
      enter_namespace(name_);
      what();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace sonde::test
