// "sonde check" as its operator types it, and the same from a running node.
#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "test/appliance/running_node.h"
#include "test/support/namespaces.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Said {
  int code = -1;
  std::string text;
};

Said type(const std::string& words) {
  Said said;
  std::FILE* const pipe = ::popen(("timeout 30 " SONDE_EXECUTABLE " check " + words + " 2>/dev/null").c_str(), "r");
  REQUIRE(pipe);
  char block[4096];
  while (const std::size_t n = std::fread(block, 1, sizeof block, pipe)) said.text.append(block, n);
  said.code = WEXITSTATUS(::pclose(pipe));
  return said;
}

const Json& finding(const Json& report, const std::string& id) {
  for (const Json& one : report.find("findings")->items)
    if (one.find("id")->text == id) return one;
  throw std::runtime_error("no finding " + id);
}

}  // namespace

TEST_CASE("sonde check works without a node, and its exit code says whether something is bad") {
  const TemporaryFolder folder;
  const Said json = type("--json --data " + folder / "data");
  const auto parsed = parse_json(json.text);
  REQUIRE(parsed.value);
  const auto bad = parsed.value->find("counts")->find("bad")->integer;
  CHECK(json.code == (bad > 0 ? 3 : 0));
  CHECK(parsed.value->find("stretch_s")->number >= 2);
  CHECK(finding(*parsed.value, "cpu.steal").find("state")->text != "unknown");
  CHECK(finding(*parsed.value, "clock.steps").find("state")->text == "unknown");
  CHECK_FALSE(finding(*parsed.value, "machine.disk").find("is")->text.empty());
  CHECK_FALSE(std::filesystem::exists(folder / "data"));
}

TEST_CASE("a host without a network is bad, and is told so at 80 columns") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  const NetworkNamespace alone("check");
  const TemporaryFolder folder;
  Said said;
  alone.run([&] { said = type("--data " + folder / "data"); });
  CHECK(said.code == 3);
  CHECK(said.text.starts_with("Is this host fit to measure? "));
  CHECK(said.text.find("\nBad\n---\n") != std::string::npos);
  CHECK(said.text.find("No interface but loopback is up and has an address.") != std::string::npos);
}

TEST_CASE("where a node runs its clock is asked, and the node itself says what it found and what it may not mend") {
  const TemporaryFolder folder;
  RunningNode node(folder / "data", own_port_offset());
  const Said json = type("--json --data " + folder / "data");
  const auto parsed = parse_json(json.text);
  REQUIRE(parsed.value);
  CHECK(finding(*parsed.value, "clock.steps").find("is")->text == "none since the node started");
  const Json told = node.get("/check");
  CHECK(told.find("findings")->items.size() >= 20);
  CHECK_FALSE(told.find("can_mend")->boolean);
  const LocalAnswer refused = node.ask("POST", "/api/v1/check/machine.virtual/mend");
  CHECK(refused.status == 409);
  CHECK(node.ask("POST", "/api/v1/check/no.such/mend").status == 404);
  CHECK_FALSE(node.get("/node").find("fitness")->find("sentence")->text.empty());
  CHECK(node.terminate() == 0);
}
