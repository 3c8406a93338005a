#include "appliance/administrator.h"

#include <catch2/catch.hpp>

#include "core/base/files.h"
#include "test/support/manual_clock.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

TEST_CASE("at the console an administrator is known by the password, and nothing is written for it") {
  const TemporaryFolder folder;
  const ManualClock clock;
  const std::string password = "correct horse battery";
  Access access(folder.path(), clock, {});
  access.add_user("Alice", Role::administrator, password);
  access.add_user("vera", Role::viewer, password);
  const auto before = read_file(folder / "access.json", 1 << 20);
  CHECK(refuse_as_administrator(access, "alice", password).empty());
  CHECK(refuse_as_administrator(access, "vera", password) == "Only an administrator may have a shell.");
  CHECK(refuse_as_administrator(access, "alice", "wrong") == "User or password is wrong.");
  CHECK_FALSE(refuse_as_administrator(access, "nobody", password).empty());
  CHECK(read_file(folder / "access.json", 1 << 20) == before);
}
