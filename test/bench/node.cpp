// What a whole node takes: time from its start to its first page, memory at rest, memory and CPU with 100 sessions.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double resident_mib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

/// User and system seconds of the process so far.
double cpu_seconds(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void figure(const std::string& name, const std::string& measured, const std::string& aim) {
  std::cout << name << '\t' << measured << '\t' << aim << std::endl;
}

std::string with_unit(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f %s", value, unit);
  return text;
}

void add_session_pair(const RunningNode& node, int i, int port) {
  JsonWriter json;
  json.begin_object()
      .field("title", "session " + std::to_string(i))
      .field("probe", "owamp")
      .field("peer", "self")
      .field("family", "IPv4");
  json.key("schedule")
      .begin_object()
      .field("kind", "continuous")
      .field("period", "60 s")
      .field("spread", "0 s")
      .end_object();
  json.key("options").begin_object().field("port", std::to_string(port)).end_object();
  const LocalAnswer answer = node.ask("POST", "/api/v1/tests", json.end_object().text());
  if (answer.status != 201) std::cerr << "a test was refused: " << answer.body << '\n';
}

}  // namespace

int main() {
  const TemporaryFolder folder;
  const auto before = Clock::now();
  RunningNode node(folder / "node", 25000);
  if (node.ask("GET", "/").status != 200) return 1;
  const double first_page = std::chrono::duration<double, std::milli>(Clock::now() - before).count();
  figure("start to first page, empty data folder", with_unit(first_page, "ms"), "< 1000 ms");

  std::this_thread::sleep_for(60s);
  figure("resident memory at rest after 60 s", with_unit(resident_mib(node.pid()), "MiB"), "<= 48 MiB");

  // 50 tests there and back to a second node are 100 sessions at each; only the first one is measured.
  RunningNode far(folder / "far", 26000);
  for (int i = 0; i < 50; ++i) add_session_pair(node, i, 26861);
  // A test's files are made, at the size that they will have for ever, with its first Result.
  while (node.ask("GET", "/api/v1/tests").body.find("\"last\":null") != std::string::npos)
    std::this_thread::sleep_for(1s);
  std::this_thread::sleep_for(90s);
  const double cpu = cpu_seconds(node.pid());
  const auto from = Clock::now();
  std::this_thread::sleep_for(120s);
  const double wall = std::chrono::duration<double>(Clock::now() - from).count();
  figure("resident memory with 100 sessions", with_unit(resident_mib(node.pid()), "MiB"), "<= 96 MiB");
  figure("CPU with 100 sessions, of one core", with_unit(100 * (cpu_seconds(node.pid()) - cpu) / wall, "%"), "<= 5 %");
  return node.terminate() == 0 && far.terminate() == 0 ? 0 : 1;
}
