#include "core/host/host_reading.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <thread>

#include "core/base/error.h"
#include "core/host/tuning.h"
#include "core/net/linux_interfaces.h"
#include "core/net/linux_socket.h"

namespace sonde {
namespace {

constexpr std::size_t kLine = 4096, kMostNames = 4096, kSoftnet = 1 << 20, kPiece = 16 << 10;

/// Settings that are judged although nothing changes them.
constexpr const char* kJudgedSettings[] = {
    "net.ipv4.tcp_window_scaling",  "net.ipv4.tcp_sack",      "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_moderate_rcvbuf", "net.core.default_qdisc", "net.ipv4.tcp_congestion_control",
};

/// Tabs between numbers become blanks, as people write them.
std::string plain(const std::string& text) {
  std::string out;
  for (const std::string& word : words_of(text)) out += (out.empty() ? "" : " ") + word;
  return out;
}

void read_settings(const HostRoots& roots, std::map<std::string, std::string>& settings) {
  const auto read = [&](const std::string& name) {
    if (const auto line = read_line(setting_file(roots, name))) settings[name] = plain(*line);
  };
  for (const TuningRow& row : tuning_table())
    if (row.kind == TuningRow::Kind::setting) read(std::string(row.key));
  for (const char* name : kJudgedSettings) read(name);
}

/// The second column of each core's line: what came while the queue before it was full.
std::uint64_t read_backlog_dropped(const HostRoots& roots) {
  std::istringstream lines(read_start(roots.proc + "/net/softnet_stat", kSoftnet).value_or(""));
  std::uint64_t sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of(line);
    std::uint64_t dropped = 0;
    if (words.size() > 1) std::from_chars(words[1].data(), words[1].data() + words[1].size(), dropped, 16);
    sum += dropped;
  }
  return sum;
}

/// Tried on a thread of its own, which ends at once: the caller keeps its priority.
bool may_have_real_time() {
  bool allowed = false;
  std::thread([&] {
    sched_param priority{};
    priority.sched_priority = 1;
    allowed = pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0;
  }).join();
  return allowed;
}

}  // namespace

namespace {

std::optional<std::string> read_start_of(const Descriptor& file, std::size_t most) {
  std::string content;
  std::size_t filled = 0;
  while (filled < most) {
    content.resize(std::min(most, filled + kPiece));
    const ssize_t n = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  content.resize(filled);
  return content;
}

}  // namespace

std::optional<std::string> read_start(const std::string& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  return file ? read_start_of(file, most) : std::nullopt;
}

std::optional<std::string> read_plain(const std::string& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  return read_start_of(file, most);
}

std::optional<std::string> read_line(const std::string& path) {
  auto text = read_start(path, kLine);
  if (!text) return std::nullopt;
  text->resize(std::min(text->find('\n'), text->size()));
  const auto first = text->find_first_not_of(" \t"), last = text->find_last_not_of(" \t\r");
  return first == std::string::npos ? "" : text->substr(first, last - first + 1);
}

std::optional<std::uint64_t> read_number(const std::string& path) {
  const auto line = read_line(path);
  std::uint64_t value = 0;
  if (!line || line->empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  if (error != std::errc() || end != line->data() + line->size()) return std::nullopt;
  return value;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end && names.size() < kMostNames;
       it.increment(error))
    names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

HostSources real_host(std::string data_folder) {
  return {.roots = {},
          .data_folder = std::move(data_folder),
          .interfaces = read_interfaces,
          .queueings = read_queueings,
          .nic_door = linux_nic_door(),
          .real_time = may_have_real_time};
}

HostFacts read_host(const HostSources& sources, SteadyTime now) {
  HostFacts facts;
  facts.read = now;
  read_time_devices(sources.roots, facts.clock);
  try {
    facts.nics = read_nics(sources);
    if (facts.nics.empty()) facts.nics_sentence = "No interface but loopback is up and has an address.";
  } catch (const Error& error) {
    facts.nics_sentence = error.what();
  }
  read_settings(sources.roots, facts.settings);
  facts.backlog_dropped = read_backlog_dropped(sources.roots);
  facts.cpu = read_cpu(sources.roots);
  facts.cpu.real_time = sources.real_time && sources.real_time();
  facts.machine = read_machine(sources.roots);
  if (!sources.data_folder.empty()) facts.machine.disk = read_disk(sources.roots, sources.data_folder);
  return facts;
}

std::optional<CpuStretch> stretch_between(const HostFacts& before, const HostFacts& after) {
  const auto &from = before.cpu.ticks, &to = after.cpu.ticks;
  // A core that is switched off takes its ticks with it.
  if (!from || !to || to->all <= from->all || to->steal < from->steal || to->idle < from->idle) return std::nullopt;
  const auto all = static_cast<double>(to->all - from->all);
  return CpuStretch{after.read - before.read, static_cast<double>(to->steal - from->steal) / all,
                    static_cast<double>(to->idle - from->idle) / all};
}

}  // namespace sonde
