#include "core/archive/archive_format.h"

#include <catch2/catch.hpp>

#include "core/archive/applier.h"
#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;

namespace {

Journal database_of(const std::filesystem::path& folder) {
  return Journal((folder / "journal.db").string(), Journal::Mode::write);
}

std::int64_t format_in(const std::filesystem::path& folder) {
  Journal journal = database_of(folder);
  auto rows = journal.query("PRAGMA user_version");
  REQUIRE(rows.next());
  return rows.number(0);
}

/// Stores one Result, opens again, and says whether it is there.
bool keeps_a_result(const std::filesystem::path& folder) {
  SetClock clock{kStart};
  const Result ping = ping_run(kStart);
  {
    const auto archive = open_archive({.directory = folder}, clock);
    archive->store(ping);
    archive->flush();
  }
  return open_archive({.directory = folder}, clock)->result(ping.id) != nullptr;
}

}  // namespace

TEST_CASE("an archive has the number of its format, also one from before there were numbers") {
  MemoryFolder folder;
  CHECK(keeps_a_result(folder.path()));
  CHECK(format_in(folder.path()) == kArchiveFormat);
  database_of(folder.path()).execute("PRAGMA user_version = 0");
  CHECK(keeps_a_result(folder.path()));
  CHECK(format_in(folder.path()) == kArchiveFormat);
}

TEST_CASE("an archive of the next format is used if it says so, and keeps its number") {
  MemoryFolder folder;
  CHECK(keeps_a_result(folder.path()));
  {
    Journal journal = database_of(folder.path());
    set_mark(journal, "readable_by", kArchiveFormat);
    journal.execute("PRAGMA user_version = 2; ALTER TABLE boot ADD COLUMN mood TEXT");
  }
  CHECK(keeps_a_result(folder.path()));
  CHECK(format_in(folder.path()) == 2);
}

TEST_CASE("an archive that only a later program knows is refused with what to do, and stays as it is") {
  MemoryFolder folder;
  CHECK(keeps_a_result(folder.path()));
  {
    Journal journal = database_of(folder.path());
    set_mark(journal, "readable_by", 2);
    journal.execute("PRAGMA user_version = 3; ALTER TABLE deletion RENAME TO erased");
  }
  SetClock clock{kStart};
  try {
    open_archive({.directory = folder.path()}, clock);
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("format 3") != std::string::npos);
    CHECK(std::string(error.what()).find("start the later one again") != std::string::npos);
  }
  Journal journal = database_of(folder.path());
  CHECK_FALSE(journal.query("SELECT 1 FROM sqlite_master WHERE name = 'deletion'").next());
}
