#include "appliance/config_keeper.h"

#include <catch2/catch.hpp>
#include <latch>

#include "core/base/error.h"
#include "test/support/manual_clock.h"

using namespace sonde;

namespace {

struct Stage {
  test::ManualClock clock;
  TaskLoop tasks{clock};
  std::vector<std::string> written;
  std::vector<std::string> running;
  bool disk_full = false;
  Worker files;
  ConfigKeeper keeper{tasks,
                      files,
                      Config{},
                      {.check = [](const Config& c) -> std::optional<Problem> {
                         if (c.site.name == "bad name")
                           return Problem{422, "site.name", "site name \"bad name\": no blanks."};
                         return std::nullopt;
                       },
                       .write =
                           [this](const Config& c) {
                             if (disk_full) throw Error("write", "sonde.xml", ENOSPC);
                             written.push_back(c.site.name);
                           },
                       .running = [this](std::shared_ptr<const Config> c) { running.push_back(c->site.name); }}};

  /// Makes the change and turns the loop until it is done.
  std::optional<Problem> rename(const std::string& name, std::optional<std::uint64_t> revision = std::nullopt) {
    std::optional<std::optional<Problem>> answer;
    keeper.change(
        [name](Config& c) -> std::optional<Problem> {
          c.site.name = name;
          return std::nullopt;
        },
        revision, [&](std::optional<Problem> p) { answer = std::move(p); });
    while (!answer) {
      std::latch written_out{1};
      if (files.post([&] { written_out.count_down(); })) written_out.wait();
      tasks.turn();
    }
    return *answer;
  }
};

}  // namespace

TEST_CASE("a change runs only after it was written") {
  Stage stage;
  CHECK_FALSE(stage.rename("geneva"));
  CHECK(stage.written == std::vector<std::string>{"geneva"});
  CHECK(stage.running == std::vector<std::string>{"geneva"});
  CHECK(stage.keeper.revision() == 2);
}

TEST_CASE("a change that breaks a rule or cannot be written leaves everything as it was") {
  Stage stage;
  REQUIRE(stage.rename("bad name"));
  stage.disk_full = true;
  const auto problem = stage.rename("lyon");
  REQUIRE(problem);
  CHECK(problem->status == 503);
  CHECK(problem->sentence.find("old configuration goes on") != std::string::npos);
  CHECK(stage.running.empty());
  CHECK(stage.keeper.current()->site.name.empty());
  CHECK(stage.keeper.revision() == 1);
}

TEST_CASE("a change made for an older revision is refused") {
  Stage stage;
  CHECK_FALSE(stage.rename("one", 1));
  const auto problem = stage.rename("two", 1);
  REQUIRE(problem);
  CHECK(problem->status == 412);
  CHECK(stage.keeper.current()->site.name == "one");
}

TEST_CASE("while the file is broken every change is refused with the reason") {
  Stage stage;
  stage.keeper.lock("sonde.xml line 3, column 9: ...");
  const auto problem = stage.rename("one");
  REQUIRE(problem);
  CHECK(problem->status == 409);
  CHECK(problem->sentence == "sonde.xml line 3, column 9: ...");
  stage.keeper.lock("");
  CHECK_FALSE(stage.rename("one"));
}

TEST_CASE("a change that changes nothing is not written") {
  Stage stage;
  CHECK_FALSE(stage.rename(""));
  CHECK(stage.written.empty());
  CHECK(stage.keeper.revision() == 1);
}
