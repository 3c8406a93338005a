#include "test/bench/delay_error_tools.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/base/error.h"

extern char** environ;

namespace sonde::bench {
namespace {

constexpr const char* kOwampPort = "8861";

std::vector<std::string> split(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// A 64-bit NTP time in decimal, as owping writes it, to ns since 1970.
std::int64_t from_ntp(std::uint64_t ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32) - 2'208'988'800;
  return seconds * 1'000'000'000 + static_cast<std::int64_t>(((ntp & 0xffffffff) * 1'000'000'000) >> 32);
}

void read_owping(std::istringstream words, Told& told) {
  std::uint64_t number = 0, sent = 0, received = 0;
  std::string skipped;
  if (words >> number >> sent >> skipped >> skipped >> received && received != 0)
    told.arrivals.try_emplace(static_cast<std::uint32_t>(number), from_ntp(sent), from_ntp(received));
}

void read_line(std::istringstream words, Told& told) {
  std::string first;
  double value = 0;
  words >> first;
  if (first == "slip" && words >> value) told.slips_us.push_back(value / 1e3);
  if (first == "cpu" && words >> value) told.cpu += value;
  if (first != "there" && first != "forward") return;
  std::uint32_t number = 0;
  Arrival arrival;
  if (words >> number >> arrival.sent >> arrival.received && arrival.received != 0)
    told.arrivals.try_emplace(number, arrival);
}

pid_t start(const std::string& command, const std::string& output) {
  std::vector<std::string> words = split(command);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Error("run", command, error);
  return pid;
}

}  // namespace

Told read_told(const std::string& path, Says says) {
  Told told;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    says == Says::owping ? read_owping(std::istringstream(line), told) : read_line(std::istringstream(line), told);
  return told;
}

Program::Program(const test::NetworkNamespace& where, std::string command, const std::string& output)
    : command_(std::move(command)) {
  where.run([&] { pid_ = start(command_, output); });
}

Program::~Program() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

double Program::wait() {
  int status = 0;
  rusage usage{};
  while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (status != 0) throw Error("\"" + command_ + "\" failed");
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

double cpu_so_far(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double own_user = 0, own_system = 0, user = 0, system = 0;
  fields >> own_user >> own_system >> user >> system;
  return (own_user + own_system + user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string fill(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const std::string word = '{' + name + '}';
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) text.replace(at, word.size(), value);
  }
  return text;
}

bool in_path(const std::string& program) {
  std::istringstream folders(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((folder + '/' + program).c_str(), X_OK) == 0) return true;
  return false;
}

std::vector<Tool> small_tools(const std::string& folder, bool with_loops) {
  const auto pair = [&](const std::string& name, const std::string& program, const std::string& more) {
    const std::string path = folder + "/" + program;
    return Tool{name, path + " receive 10.99.0.2 {port} {count} {raw}",
                path + " send 10.99.0.2 {port} {count} {rate} poisson {seed} {sent}" + more};
  };
  std::vector<Tool> out{pair("reference", "reference_sender", "")};
  if (!with_loops) return out;
  out.push_back(pair("loop", "loop_sender", ""));
  out.push_back(pair("loop, warm-up", "loop_sender", " 1 0"));
  out.push_back(pair("loop, warm-up, spin", "loop_sender", " 1 200"));
  return out;
}

Owampd::Owampd(const test::NetworkNamespace& where, const std::string& folder) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/owamp-server.conf")
      << "datadir " << folder << "\nvardir " << folder << "\nsrcnode 10.99.0.2:" << kOwampPort << "\n";
  std::ofstream(folder + "/owamp-server.limits")
      << "limit root with disk=0, bandwidth=0, delete_on_fetch=on, allow_open_mode=on\nassign default root\n";
  program_ = std::make_unique<Program>(where, "owampd -Z -f -c " + folder);
}

Tool Owampd::tool() const {
  const std::string to = std::string("10.99.0.2:") + kOwampPort;
  return {"owping", "", "owping -t -R -L 2 -c {count} -i {interval}e " + to, Says::owping, program_->pid()};
}

}  // namespace sonde::bench
