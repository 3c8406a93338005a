#include "appliance/fitness_keeper.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "test/support/manual_clock.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

/// A host whose ring is small until it is mended, and a keeper that looks when the test says so.
struct Stage {
  ManualClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  int looks = 0;                   // guarded by mutex
  std::vector<std::string> asked;  // guarded by mutex
  std::optional<std::string> refusal;
  std::atomic<bool> broken{false};

  HostFacts read() {
    if (broken) throw std::runtime_error("no thread for this");
    const std::lock_guard lock(mutex);
    HostFacts facts;
    facts.read = SteadyTime{} + looks * 10s;
    const auto ticks = static_cast<std::uint64_t>(looks);
    facts.cpu.ticks = CpuTicks{ticks * 10, ticks * 50, ticks * 100};
    NicFacts nic;
    nic.name = "eth0";
    nic.running = nic.is_device = true;
    nic.ring = {asked.empty() ? 256U : 4096U, 4096, 256, 4096};
    facts.nics = {nic};
    return facts;
  }
  FitnessKeeper::Parts parts(bool with_helper) {
    FitnessKeeper::Parts parts{.read = [this] { return read(); }, .clock = &clock, .first = 1ms, .every = 1h};
    parts.renewed = [this] {
      {
        const std::lock_guard lock(mutex);
        ++looks;
      }
      changed.notify_all();
    };
    if (with_helper)
      parts.mend = [this](std::string_view row) {
        const std::lock_guard lock(mutex);
        if (!refusal) asked.emplace_back(row);
        return refusal;
      };
    return parts;
  }
  void wait_for(int wanted) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 10s, [&] { return looks >= wanted; }));
  }
};

const Finding& find(const FitnessReport& report, std::string_view key) {
  const auto found = std::ranges::find(report.findings, key, &Finding::key);
  REQUIRE(found != report.findings.end());
  return *found;
}

}  // namespace

TEST_CASE("the second look knows what the cores did since the first") {
  Stage stage;
  const FitnessKeeper keeper(stage.parts(false));
  stage.wait_for(2);
  const auto report = keeper.newest();
  REQUIRE(report->stretch);
  CHECK(report->stretch->length == 10s);
  CHECK(find(*report, "cpu.steal").is == "10 % in the last 10 s");
}

TEST_CASE("with a root helper a finding is mended row by row, and looked at again at once") {
  Stage stage;
  FitnessKeeper keeper(stage.parts(true));
  stage.wait_for(2);
  CHECK(keeper.can_mend());
  CHECK(find(*keeper.newest(), "nic.eth0.ring").state == Finding::State::watch);
  CHECK_FALSE(keeper.mend("nic.eth0.ring").get());
  CHECK(stage.asked == std::vector<std::string>{"nic.receive_ring"});
  CHECK(find(*keeper.newest(), "nic.eth0.ring").state == Finding::State::good);
  CHECK(keeper.mend("nic.eth1.ring").get()->status == 404);
  CHECK(keeper.mend("clock.source").get()->sentence.find("No setting of this host mends") == 0);
  CHECK(keeper.mend("nic.eth0.ring").get()->sentence == "\"eth0: receive ring\" is good as it is.");
}

TEST_CASE("what the root helper could not do is told in its words") {
  Stage stage;
  FitnessKeeper keeper(stage.parts(true));
  stage.wait_for(2);
  stage.refusal = "The NIC refused.";
  const auto refused = keeper.mend("nic.eth0.ring").get();
  CHECK(refused->status == 409);
  CHECK(refused->sentence == "The NIC refused.");
}

TEST_CASE("without a root helper the answer says what to type") {
  Stage stage;
  FitnessKeeper keeper(stage.parts(false));
  stage.wait_for(1);
  CHECK_FALSE(keeper.can_mend());
  const auto refused = keeper.mend("nic.eth0.ring").get();
  REQUIRE(refused);
  CHECK(refused->status == 409);
  CHECK(refused->sentence ==
        "This host is no live appliance, so nothing here may change its kernel: type it as root. ethtool -G eth0 rx "
        "4096");
}

TEST_CASE("a host that cannot be looked at is told as not looked at, and ends nothing") {
  Stage stage;
  stage.broken = true;
  FitnessKeeper keeper(stage.parts(true));
  CHECK(keeper.mend("nic.eth0.ring").get()->status == 503);
  CHECK(keeper.newest() == nullptr);
}
