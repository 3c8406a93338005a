#include "appliance/host_log.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/files.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  TemporaryFolder folder;
  HostLog::Places places{folder / "said", folder / "data/kept", 1000};
  HostLog log{places};
  SteadyTime now{1h};

  void say(const std::string& text) const { std::ofstream(places.said, std::ios::app) << text; }
  void pass(Duration time, bool keeps = true) { log.follow(now += time, keeps); }
  std::string kept(const std::string& more = "") const { return read_file(places.kept + more, 1 << 20).value_or(""); }
  std::string said() const { return read_file(places.said, 10000).value_or(""); }

  Fixture() { std::filesystem::create_directory(folder / "data"); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "what was said is on the data partition within a minute, once, and at the end all of it") {
  say("one\n");
  pass(0s);
  say("two\n");
  pass(2s);
  CHECK(kept() == "one\n");
  pass(60s);
  CHECK(kept() == "one\ntwo\n");
  say("three\n");
  log.keep();
  CHECK(kept() == "one\ntwo\nthree\n");
  CHECK(said() == "one\ntwo\nthree\n");
}

TEST_CASE_METHOD(Fixture, "neither in memory nor on the data partition it grows beyond its bound") {
  std::string all;
  for (int line = 0; line < 200; ++line) {
    const std::string text = "line " + std::to_string(line) + std::string(40, '.') + "\n";
    all += text;
    say(text);
    pass(2s);
    REQUIRE(said().size() <= 1000 + text.size());
    REQUIRE(kept().size() <= 1000 + text.size());
  }
  log.keep();
  const std::string seen = kept(".1") + kept();
  CHECK(seen.size() > 1000);
  CHECK(seen == all.substr(all.size() - seen.size()));
}

TEST_CASE_METHOD(Fixture, "a file that was made larger than memory is emptied all the same") {
  say("before\n");
  std::filesystem::resize_file(places.said, std::uintmax_t{1} << 40);
  pass(60s);
  CHECK(said().empty());
  CHECK(kept().size() <= 1000 + (64 << 10));
}

TEST_CASE_METHOD(Fixture, "without a data partition memory alone is used; one that comes gets what was said before") {
  say("before\n");
  pass(0s, false);
  pass(60s, false);
  CHECK(kept().empty());
  pass(60s, true);
  CHECK(kept() == "before\n");
}

TEST_CASE_METHOD(Fixture, "a data partition that cannot be written costs nothing but what is kept") {
  std::filesystem::remove(folder / "data");
  say(std::string(1500, 'x') + "\n");
  pass(60s);
  CHECK(said().empty());
  std::filesystem::create_directory(folder / "data");
  say("after\n");
  pass(60s);
  CHECK(kept() == "after\n");
}
