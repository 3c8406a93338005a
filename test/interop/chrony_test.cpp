// The clock probe against a real chronyd. It runs with -x: it never touches the machine's clock.
#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/base/files.h"
#include "core/base/json.h"
#include "test/support/namespaces.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

namespace {

std::optional<double> value_of(const Json& result, const std::string& metric) {
  for (const Json& one : result.find("statistics")->items)
    if (one.find("metric")->text == metric && one.find("value")->kind == Json::Kind::number)
      return one.find("value")->number;
  return std::nullopt;
}

/// chronyd in the namespace, serving its own clock as stratum 3; ends with the object.
class Chrony {
 public:
  Chrony(const NetworkNamespace& where, const TemporaryFolder& folder) : pid_file_(folder / "chronyd.pid") {
    std::ofstream(folder / "chrony.conf")
        << "local stratum 3\nbindcmdaddress 127.0.0.1\nbindcmdaddress /\ndriftfile " << folder / "drift"
        << "\npidfile " << pid_file_ << "\nport 0\n";
    const std::string command =
        "ip netns exec " + where.name() + " " SONDE_CHRONYD " -x -u root -f " + (folder / "chrony.conf");
    started_ = std::system((command + " > /dev/null 2>&1").c_str()) == 0;
  }
  ~Chrony() {
    const auto text = read_file(pid_file_, 32);
    if (!text) return;
    const pid_t pid = std::atoi(text->c_str());
    kill(pid, SIGTERM);
    // It takes its files along when it goes; the folder must not go before.
    for (int i = 0; i < 500 && kill(pid, 0) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  bool started() const { return started_; }

 private:
  std::string pid_file_;
  bool started_ = false;
};

JsonParsed measure_clock(const NetworkNamespace& where, const TemporaryFolder& folder) {
  const std::string json = folder / "clock.json";
  const std::string command =
      "ip netns exec " + where.name() + " timeout 20 " SONDE_EXECUTABLE " measure clock --json > " + json;
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 0);
  return parse_json(read_file(json, 1 << 20).value_or(""));
}

}  // namespace

TEST_CASE("a real chronyd vouches for the clock with offset, bound and stratum; without it nobody does") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  if (!std::filesystem::exists(SONDE_CHRONYD)) {
    WARN("chronyd is not unpacked in build/peers: scripts/setup --tests does that");
    return;
  }
  const NetworkNamespace host("chrony");
  const TemporaryFolder folder;
  const JsonParsed alone = measure_clock(host, folder);
  REQUIRE(alone.value);
  CHECK(alone.value->find("local_clock")->find("source")->text.find("chrony, stratum") == std::string::npos);
  const Chrony chrony(host, folder);
  REQUIRE(chrony.started());
  const JsonParsed vouched = measure_clock(host, folder);
  REQUIRE(vouched.value);
  const Json& clock = *vouched.value->find("local_clock");
  INFO(read_file(folder / "clock.json", 1 << 20).value_or(""));
  CHECK(clock.find("source")->text == "chrony, stratum 3");
  CHECK(clock.find("synchronised")->boolean);
  CHECK(clock.find("bound_s")->kind == Json::Kind::number);
  CHECK(value_of(*vouched.value, "clock.stratum") == 3.0);
  REQUIRE(value_of(*vouched.value, "clock.bound"));
  CHECK(*value_of(*vouched.value, "clock.bound") < 1.0);
}
