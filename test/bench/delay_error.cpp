// delay_error: how far measured one-way delays are from the true ones of an emulated path, beside a reference.
//
// error = (receive stamp - send stamp) - (left - entered): what a tool adds to the time that the packet truly spent in
// the path. It holds the way from the tool's reading of the clock into the device, the emulator's waking up to take the
// packet, and the way from the second device to the receiver's stamp. All stamps are of one CLOCK_REALTIME. The tools
// take turns in short blocks, so that what else the machine does hits all alike. Needs root; nothing leaves the
// machine.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "test/support/path_emulator.h"

extern char** environ;

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

/// One tool. In its commands {count} {rate} {interval} {seed} {port} {sent} {raw} are filled in; an empty `serve` means
/// that nothing needs to run at the other end, or that it runs all along.
struct Tool {
  std::string name;
  std::string serve, send;
  std::string always;   ///< runs at the far end from the first block to the last
  bool owping = false;  ///< its output is what "owping -R" prints
};

struct Figures {
  std::vector<double> errors_us, slips_us;
  double cpu = 0;
  int sent = 0, unmatched = 0;
  std::string command;
};

struct Child {
  pid_t pid = 0;
  std::string command;
};

Words split(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

Child spawn(const NetworkNamespace& where, const std::string& command, const std::string& output = "/dev/null") {
  Words words = split(command);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Child child{0, command};
  where.run([&] {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int error = ::posix_spawnp(&child.pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw Error("run", command, error);
  });
  return child;
}

/// Its processor seconds, from start to end.
double wait_for(const Child& child, bool asked_to_end = false) {
  int status = 0;
  rusage usage{};
  while (::wait4(child.pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  if (status != 0 && !asked_to_end) throw Error("\"" + child.command + "\" failed");
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Arrival {
  std::int64_t sent = 0, received = 0;
};

/// A 64-bit NTP time in decimal, as owping writes it, to ns since 1970.
std::int64_t from_ntp(std::uint64_t ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32) - 2'208'988'800;
  return seconds * 1'000'000'000 + static_cast<std::int64_t>(((ntp & 0xffffffff) * 1'000'000'000) >> 32);
}

/// Reads what a tool wrote; adds slips and processor time to `figures`.
std::map<std::uint32_t, Arrival> read_file(const std::string& path, bool owping, Figures& figures) {
  std::map<std::uint32_t, Arrival> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    if (owping) {
      std::uint64_t number = 0, sent = 0, received = 0;
      std::string skip;
      if (words >> number >> sent >> skip >> skip >> received && received != 0) {
        out[static_cast<std::uint32_t>(number)] = {from_ntp(sent), from_ntp(received)};
      }
      continue;
    }
    words >> first;
    if (first == "slip") {
      double ns = 0;
      words >> ns;
      figures.slips_us.push_back(ns / 1e3);
    } else if (first == "cpu") {
      double seconds = 0;
      words >> seconds;
      figures.cpu += seconds;
    } else if (first == "there" || first == "forward") {
      std::uint32_t number = 0;
      Arrival arrival;
      words >> number >> arrival.sent >> arrival.received;
      out[number] = arrival;
    }
  }
  return out;
}

/// Joins by the number in the first four octets; in each block only one tool sends.
void add_errors(const std::map<std::uint32_t, Arrival>& arrivals, const std::vector<PathRecord>& records,
                std::size_t from, Figures& figures) {
  std::map<std::uint32_t, const PathRecord*> passed;
  for (std::size_t i = from; i < records.size(); ++i) {
    const PathRecord& r = records[i];
    if (!r.there || r.protocol != 17 || r.head.size() < 12 || r.left_ns == 0) continue;
    ByteReader head(r.head);
    passed[head.u32()] = &r;
  }
  for (const auto& [number, arrival] : arrivals) {
    const auto found = passed.find(number);
    if (found == passed.end()) {
      ++figures.unmatched;
      continue;
    }
    const std::int64_t truth = found->second->left_ns - found->second->entered_ns;
    figures.errors_us.push_back(static_cast<double>(arrival.received - arrival.sent - truth) / 1e3);
  }
}

std::string fill(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const std::string word = '{' + name + '}';
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) text.replace(at, word.size(), value);
  }
  return text;
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

std::string cell(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 10 ? "%.2f" : "%.1f", value);
  return std::isnan(value) ? "-" : text;
}

class Bench {
 public:
  Bench(const PathOptions& path, std::string folder) : path_(path), folder_(std::move(folder)) {}

  void block(const Tool& tool, double rate, int count, int seed, Figures& figures) {
    const std::string sent = folder_ + "/sent", raw = folder_ + "/raw", printed = folder_ + "/printed";
    for (const auto& file : {sent, raw, printed}) std::remove(file.c_str());
    const std::map<std::string, std::string> values{{"count", std::to_string(count)},
                                                    {"rate", std::to_string(rate)},
                                                    {"interval", std::to_string(1 / rate)},
                                                    {"seed", std::to_string(seed)},
                                                    {"port", std::to_string(9000 + ++port_ % 1000)},
                                                    {"sent", sent},
                                                    {"raw", raw}};
    const std::size_t before = path_.records().size();
    Child server;
    if (!tool.serve.empty()) {
      server = spawn(path_.b(), fill(tool.serve, values));
      std::this_thread::sleep_for(300ms);
    }
    const std::string command = fill(tool.send, values);
    if (figures.command.empty()) figures.command = command;
    double cpu = wait_for(spawn(path_.a(), command, printed));
    if (server.pid != 0) cpu += wait_for(server);
    figures.sent += count;
    const double told_before = figures.cpu;
    read_file(sent, false, figures);
    const auto arrivals = read_file(tool.owping ? printed : raw, tool.owping, figures);
    // A tool that does not tell its own is charged with all of its processes, start included.
    if (figures.cpu == told_before) figures.cpu += cpu;
    std::this_thread::sleep_for(200ms);
    add_errors(arrivals, path_.records(), before, figures);
  }

  PathEmulator path_;
  std::string folder_;
  int port_ = 0;
};

void print(const std::string& name, double rate, Figures& f) {
  const auto p = [](std::vector<double>& v, double share) { return cell(percentile(v, share)); };
  std::printf("%-26s %6.0f %6d %6zu | %8s %8s %8s | %8s %8s %8s | %7s\n", name.c_str(), rate, f.sent,
              f.errors_us.size(), p(f.errors_us, 0.5).c_str(), p(f.errors_us, 0.95).c_str(),
              p(f.errors_us, 0.99).c_str(), p(f.slips_us, 0.5).c_str(), p(f.slips_us, 0.95).c_str(),
              p(f.slips_us, 0.99).c_str(), cell(f.cpu * 1e5 / std::max(f.sent, 1)).c_str());
  std::fflush(stdout);
}

bool in_path(const std::string& program) {
  std::istringstream folders(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + '/' + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::vector<Tool> tools(const std::string& here, const std::string& sonde) {
  const auto pair = [&](const std::string& name, const std::string& program, const std::string& more) {
    const std::string path = here + "/" + program;
    return Tool{name, path + " receive 10.99.0.2 {port} {count} {raw}",
                path + " send 10.99.0.2 {port} {count} {rate} poisson {seed} {sent}" + more, "", false};
  };
  std::vector<Tool> out{pair("reference", "reference_sender", ""), pair("sonde loop", "loop_sender", ""),
                        pair("sonde loop, warm-up", "loop_sender", " 1 0"),
                        pair("... and spin 200 us", "loop_sender", " 1 200")};
  if (in_path("owping") && in_path("owampd")) {
    out.push_back({"owping", "", "owping -t -R -c {count} -i {interval}e 10.99.0.2", "owampd -Z -f", true});
  }
  if (!sonde.empty()) {
    out.push_back({"sonde measure owamp", "",
                   sonde + " measure owamp 10.99.0.2 --count {count} --interval {interval} --raw {raw}", sonde + " run",
                   false});
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Error of measured one-way delays over an emulated path, for Sonde and a reference, in one run.");
  std::string delay = "5ms", jitter = "0ms", sonde;
  std::vector<double> rates{10, 100, 1000};
  int count = 1000, rounds = 10;
  app.add_option("--delay", delay, "of the path");
  app.add_option("--jitter", jitter, "up to this much more");
  app.add_option("--rates", rates, "packets a second")->delimiter(',');
  app.add_option("--count", count, "packets behind each figure, for each tool and rate");
  app.add_option("--rounds", rounds, "blocks in which the tools take turns");
  app.add_option("--sonde", sonde, "the executable: measures \"sonde measure owamp\" too");
  CLI11_PARSE(app, argc, argv);
  char folder[] = "/tmp/delay_error.XXXXXX";
  std::vector<Child> servers;
  int result = 0;
  try {
    if (const auto why = why_no_namespaces()) throw Error(*why);
    const auto delay_value = parse_duration(delay), jitter_value = parse_duration(jitter);
    if (!delay_value || !jitter_value || rounds < 1) throw Error("--delay and --jitter are durations such as 5ms");
    if (!::mkdtemp(folder)) throw Error("make", folder, errno);
    const std::string self = argv[0];
    const auto slash = self.rfind('/');
    const auto all = tools(slash == std::string::npos ? "." : self.substr(0, slash), sonde);
    Bench bench({.delay = *delay_value, .jitter = *jitter_value}, folder);
    for (const Tool& tool : all) {
      if (!tool.always.empty()) servers.push_back(spawn(bench.path_.b(), tool.always));
    }
    std::this_thread::sleep_for(1s);
    std::printf("path: delay %s, jitter up to %s; Poisson; %d packets a figure in %d blocks\n", delay.c_str(),
                jitter.c_str(), count, rounds);
    std::printf("%-26s %6s %6s %6s | %8s %8s %8s | %8s %8s %8s | %7s\n", "", "", "", "", "error us", "", "", "slip us",
                "", "", "cpu s");
    std::printf("%-26s %6s %6s %6s | %8s %8s %8s | %8s %8s %8s | %7s\n", "tool", "pkt/s", "sent", "joined", "p50",
                "p95", "p99", "p50", "p95", "p99", "/100k");
    std::vector<std::string> commands;
    for (const double rate : rates) {
      std::map<std::string, Figures> figures;
      for (int round = 0; round < rounds; ++round) {
        for (const Tool& tool : all) bench.block(tool, rate, count / rounds, round + 1, figures[tool.name]);
      }
      for (const Tool& tool : all) {
        print(tool.name, rate, figures[tool.name]);
        commands.push_back(tool.name + ", " + cell(rate) + " pkt/s: " + figures[tool.name].command);
      }
    }
    std::printf("\ncommands of the first block of each figure:\n");
    for (const std::string& command : commands) std::printf("  %s\n", command.c_str());
  } catch (const std::exception& error) {
    std::cerr << "delay_error: " << error.what() << '\n';
    result = 1;
  }
  for (const Child& server : servers) {
    ::kill(server.pid, SIGTERM);
    wait_for(server, true);
  }
  for (const char* file : {"/sent", "/raw", "/printed"}) std::remove((std::string(folder) + file).c_str());
  ::rmdir(folder);
  return result;
}
