#include "appliance/disk_rule.h"

#include <catch2/catch.hpp>

#include "probes/catalogue.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

TestSpec owamp(const std::string& id) {
  return {.id = id, .probe = "owamp", .peer = "p", .schedule = {.kind = Schedule::Kind::continuous, .period = 60s}};
}

Config with_tests(int count, std::uint64_t limit = 0) {
  Config config;
  config.settings.disk_limit_octets = limit;
  for (int i = 0; i < count; ++i) config.tests.push_back(owamp("t" + std::to_string(i)));
  return config;
}

std::uint64_t one() { return disk_bound(with_tests(1), probe_catalogue()); }

std::optional<Problem> refused(const Config& before, const Config& after, std::uint64_t archive_limit) {
  return refuse_beyond_disk(before, after, probe_catalogue(), archive_limit);
}

}  // namespace

TEST_CASE("a test that the disk has no room for is refused with the sum") {
  REQUIRE(one() > 0);
  CHECK(disk_bound(with_tests(3), probe_catalogue()) == 3 * one());
  CHECK_FALSE(refused(with_tests(1), with_tests(2), 2 * one()));
  const auto problem = refused(with_tests(1), with_tests(2), 2 * one() - 1);
  REQUIRE(problem);
  CHECK(problem->status == 422);
  CHECK_THAT(problem->sentence, Catch::Contains("all 2 tests together") && Catch::Contains("the disk has room for"));
  CHECK_THAT(refused(with_tests(1), with_tests(2, one()), 100 * one())->sentence, Catch::Contains("the limit is"));
}

TEST_CASE("what asks for no more may be saved though the disk has become too small") {
  CHECK_FALSE(refused(with_tests(3), with_tests(3), one()));
  CHECK_FALSE(refused(with_tests(3), with_tests(2), one()));
  CHECK_FALSE(refused(with_tests(3, one()), with_tests(2, one()), 0));
}

TEST_CASE("a limit below what the tests could take is refused at its field") {
  const auto problem = refused(with_tests(3), with_tests(3, one()), 100 * one());
  REQUIRE(problem);
  CHECK(problem->field == "disk_limit_bytes");
  CHECK_FALSE(refused(with_tests(3, one()), with_tests(3, 3 * one()), 100 * one()));
}

TEST_CASE("a room that is not known yet refuses nothing") { CHECK_FALSE(refused(with_tests(0), with_tests(9), 0)); }
