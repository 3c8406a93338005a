// The real executable, as its operator meets it.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <thread>

#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const int kOffset = own_port_offset();

bool eventually(const std::function<bool()>& done, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (done()) return true;
    std::this_thread::sleep_for(200ms);
  }
  return false;
}

std::size_t done_results(const RunningNode& node, const std::string& test) {
  std::size_t n = 0;
  const Json page = node.get("/results?limit=100&test=" + test);
  for (const Json& item : page.find("items")->items)
    if (item.find("outcome")->text == "done") ++n;
  return n;
}

}  // namespace

TEST_CASE("within a minute of its first start, without any answer, a node measures itself", "[slow]") {
  const TemporaryFolder folder;
  RunningNode node(folder / "data", kOffset);
  for (const char* test : {"self-clock", "self-interfaces", "self-ping", "self-owamp"}) {
    INFO(test);
    CHECK(eventually([&] { return done_results(node, test) >= 1; }, 60s));
  }
  CHECK(node.output().find("https://127.0.0.1:" + std::to_string(8443 + kOffset) + "/#") != std::string::npos);
  CHECK(node.terminate() == 0);
}

TEST_CASE("two nodes never share a data folder, and a second start after a stop works") {
  const TemporaryFolder folder;
  const std::string data = folder / "data";
  {
    RunningNode node(data, kOffset);
    const std::string second = "timeout 20 " SONDE_EXECUTABLE " run --listen 127.0.0.1 --port-offset " +
                               std::to_string(kOffset + 1) + " --data " + data;
    FILE* pipe = popen((second + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    char said[512] = {};
    CHECK(std::fgets(said, sizeof said, pipe) != nullptr);
    CHECK(std::string(said).find("is in use by a running sonde") != std::string::npos);
    CHECK(WEXITSTATUS(pclose(pipe)) == 1);
    CHECK(node.terminate() == 0);
  }
  RunningNode again(data, kOffset);
  CHECK(again.terminate() == 0);
}

TEST_CASE("a configuration file broken by hand is told with line and column, and the last good one runs") {
  const TemporaryFolder folder;
  RunningNode node(folder / "data", kOffset);
  const auto sentence = [&] { return node.get("/node").find("config_sentence")->text; };
  CHECK(sentence().empty());
  const std::string file = node.data() + "/sonde.xml";
  std::ifstream in(file);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  std::ofstream(file) << good << "<unfinished";
  CHECK(eventually([&] { return sentence().find("line") != std::string::npos; }, 20s));
  CHECK(node.ask("POST", "/api/v1/peers", R"({"name":"x","address":"127.0.0.2"})").status == 409);
  std::ofstream(file) << good;
  CHECK(eventually([&] { return sentence().empty(); }, 20s));
  CHECK(node.ask("POST", "/api/v1/peers", R"({"name":"x","address":"127.0.0.2"})").status == 201);
}
