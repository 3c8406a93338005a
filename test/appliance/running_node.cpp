#include "test/appliance/running_node.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde::test {

using namespace std::chrono_literals;

int own_port_offset() { return 20'000 + static_cast<int>(::getpid() % 140) * 200; }

RunningNode::RunningNode(std::string data, int port_offset, const std::string& listen)
    : data_(std::move(data)), output_file_(data_ + ".output") {
  const std::string offset = std::to_string(port_offset);
  pid_ = fork();
  if (pid_ == 0) {
    const int out = open(output_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(SONDE_EXECUTABLE, "sonde", "run", "--data", data_.c_str(), "--listen", listen.c_str(), "--port-offset",
          offset.c_str(), nullptr);
    _exit(127);
  }
  const auto limit = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < limit) {
    try {
      if (ask("GET", "/api/v1/health").status == 200) return;
    } catch (const Error&) {
      // Not listening yet.
    }
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    std::this_thread::sleep_for(20ms);
  }
  const std::string told = output();
  kill();
  throw Error("the node did not start: " + told);
}

RunningNode::~RunningNode() { kill(); }

void RunningNode::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

int RunningNode::terminate() {
  ::kill(pid_, SIGTERM);
  return wait();
}

int RunningNode::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

LocalAnswer RunningNode::ask(const std::string& method, const std::string& path, const std::string& json) const {
  return ask_node(data_, method, path, json);
}

Json RunningNode::get(const std::string& path) const {
  const LocalAnswer answer = ask("GET", "/api/v1" + path);
  JsonParsed parsed = parse_json(answer.body);
  if (answer.status / 100 != 2 || !parsed.value)
    throw Error(path + " answered " + std::to_string(answer.status) + ": " + answer.body);
  return std::move(*parsed.value);
}

std::string RunningNode::output() const { return read_file(output_file_, 1 << 20).value_or(""); }

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) throw Error("no pipe to " + command);
  char block[4096];
  while (const std::size_t n = std::fread(block, 1, sizeof block, pipe)) ran.said.append(block, n);
  ran.code = WEXITSTATUS(pclose(pipe));
  return ran;
}

Ran sonde_command(const std::string& words) { return run(std::string(SONDE_EXECUTABLE) + " " + words); }

}  // namespace sonde::test
