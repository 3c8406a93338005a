// A year of measurements goes from one node to another in one file, by the real executable's commands.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include "core/access/secret.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const int kOffset = own_port_offset();

void make_year(const std::string& data) {
  const Ran made = run(std::string(SONDE_GENERATE_YEAR) + " " + data + " --paths 2");
  INFO(made.said);
  REQUIRE(made.code == 0);
}

/// With an administrator whose password nobody knows.
void set_up(const RunningNode& node) {
  JsonWriter json;
  json.begin_object().key("answers").begin_object().field("host.name", "fresh.example.org");
  json.field("administrator.user", "admin").field("engines.light", "nobody").field("engines.throughput", "nobody");
  json.end_object().field("password", random_hex(16));
  const LocalAnswer answer = node.ask("POST", "/api/v1/setup", json.end_object().take());
  INFO(answer.body);
  REQUIRE(answer.status == 201);
}

std::vector<std::string> ids(const RunningNode& node, const std::string& list) {
  std::vector<std::string> found;
  const Json page = node.get(list);
  for (const Json& item : page.find("items")->items) found.push_back(item.find("id")->text);
  return found;
}

/// Waits for the node's next life: it ends soon after a restore, and may not answer for a moment.
bool comes_to_have(const RunningNode& node, std::size_t tests) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < end) {
    try {
      if (ids(node, "/tests").size() == tests) return true;
    } catch (const std::exception&) {
      // between two lives
    }
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

/// What is told of the past: the same question has the same answer whenever it is asked.
std::vector<std::string> questions(const RunningNode& node) {
  std::vector<std::string> all = {"/peers", "/limits", "/pause-windows", "/series", "/results?limit=1000", "/probes"};
  const std::string range = "from=2025-12-01T00:00:00Z&to=2027-12-31T00:00:00Z";
  for (const std::string& test : ids(node, "/tests")) {
    all.push_back("/tests/" + test + "/routes?" + range);
    all.push_back("/events?limit=1000&test=" + test);
    for (const char* direction : {"forward", "reverse"})
      for (const char* step : {"1%20day", "1%20h"})
        all.push_back("/tests/" + test + "/smoke?direction=" + direction + "&resolution=" + step + "&" + range);
  }
  for (const std::string& series : ids(node, "/series"))
    all.push_back("/series/" + series + "/data?resolution=1%20day&" + range);
  for (const std::string& result : ids(node, "/results?limit=20")) all.push_back("/results/" + result);
  return all;
}

}  // namespace

TEST_CASE("a year of measurements is backed up, restored on a fresh node, and answers the same; and goes back",
          "[slow]") {
  const TemporaryFolder folder;
  const std::string file = folder / "year.tar.gz";
  std::map<std::string, std::string> answers;
  make_year(folder / "a");
  {
    RunningNode a(folder / "a", kOffset);
    const Ran made = sonde_command("backup " + file + " --data " + a.data());
    INFO(made.said);
    REQUIRE(made.code == 0);
    CHECK(sonde_command("backup " + file + " --data " + a.data()).said.find("is there already") != std::string::npos);
    for (const std::string& question : questions(a)) answers[question] = a.ask("GET", "/api/v1" + question).body;
    CHECK(a.terminate() == 0);
  }
  REQUIRE(answers.size() > 50);
  RunningNode b(folder / "b", kOffset + 1);
  set_up(b);
  const auto own = ids(b, "/tests");
  REQUIRE(own.size() > 2);
  const std::string words = " --data " + b.data();

  const Ran cut = run("head -c 100000 " + file + " > " + file + ".cut; " SONDE_EXECUTABLE " restore " + file +
                      ".cut --as same" + words);
  CHECK(cut.code == 1);
  CHECK(cut.said.find("no whole backup") != std::string::npos);
  CHECK(sonde_command("restore " + file + words).said.find("same node or a copy") != std::string::npos);
  CHECK(ids(b, "/tests") == own);

  const Ran restored = sonde_command("restore " + file + " --as same" + words);
  INFO(restored.said);
  REQUIRE(restored.code == 0);
  REQUIRE(comes_to_have(b, 2));
  for (const auto& [question, answer] : answers) {
    INFO(question);
    CHECK(b.ask("GET", "/api/v1" + question).body == answer);
  }
  CHECK(read_file(b.data() + "/sonde.xml", 1 << 20) == read_file(folder / "a/sonde.xml", 1 << 20));
  CHECK(b.get("/users").find("items")->items.size() == 1);
  CHECK(b.get("/node").find("disk")->find("sentence")->text.find("stopped") == std::string::npos);

  REQUIRE(sonde_command("restore --undo" + words).code == 0);
  REQUIRE(comes_to_have(b, own.size()));
  CHECK(ids(b, "/tests") == own);
  CHECK(b.terminate() == 0);
  CHECK(sonde_command("restore --undo" + words).code == 0);
  RunningNode again(folder / "b", kOffset + 1);
  CHECK(ids(again, "/tests").size() == 2);
}

TEST_CASE("a node that is killed at any moment of a restore has the old state or the new one, whole", "[slow]") {
  const TemporaryFolder folder;
  const std::string file = folder / "year.tar.gz";
  make_year(folder / "a");
  {
    RunningNode a(folder / "a", kOffset);
    REQUIRE(sonde_command("backup " + file + " --data " + a.data()).code == 0);
  }
  const auto random = seeded_random(20261121);
  int olds = 0, news = 0;
  for (int round = 0; round < 8; ++round) {
    const std::string data = folder / ("b" + std::to_string(round));
    auto node = std::make_unique<RunningNode>(data, kOffset);
    set_up(*node);
    std::thread restoring(
        [&] { run(std::string(SONDE_EXECUTABLE) + " restore " + file + " --as copy --data " + data); });
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 200 + static_cast<int>(random->below(200))));
    node->kill();
    restoring.join();
    node = std::make_unique<RunningNode>(data, kOffset);
    const auto tests = ids(*node, "/tests");
    const bool fresh = tests.size() > 2;
    INFO("round " << round << ": " << tests.size() << " tests");
    // the year's results stand beside the year's tests, and only there
    const auto series = node->get("/series?test=" + (fresh ? std::string("path000") : tests.front()));
    CHECK((fresh || tests.size() == 2));
    CHECK(series.find("items")->items.empty() == fresh);
    for (const char* left : {"restore-incoming", "restore-next", "restore-leaving"})
      CHECK_FALSE(fs::exists(data + "/" + left));
    CHECK(fs::exists(data + "/before-restore") == !fresh);
    ++(fresh ? olds : news);
  }
  INFO(olds << " old, " << news << " new");
  CHECK(olds + news == 8);
}
