#include "core/backup/places.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "test/core/backup/backup_fixture.h"

using namespace sonde;
using namespace sonde::test;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file.string(), content, 0600);
}

/// A folder with an old state, and a new one that waits to take its place.
void prepare(const fs::path& data, bool with_before) {
  put(data / "sonde.xml", "old");
  put(data / "archive/journal.db", "old");
  put(data / "archive/series/1/101-1-steps.rrd", "old");
  put(data / "access.json", "users");
  put(data / "restore-next/sonde.xml", "new");
  put(data / "restore-next/archive/journal.db", "new");
  put(data / "restore-next/as.csv", "new");
  put(data / "backup-copy/x", "rest");
  put(data / "restore-incoming/x", "rest");
  if (with_before) put(data / "before-restore/sonde.xml", "oldest");
}

const std::vector<std::pair<std::string, std::string>> kNew = {
    {"access.json", "users"},
    {"archive/journal.db", "new"},
    {"as.csv", "new"},
    {"before-restore/archive/journal.db", "old"},
    {"before-restore/archive/series/1/101-1-steps.rrd", "old"},
    {"before-restore/sonde.xml", "old"},
    {"sonde.xml", "new"},
};

struct PowerCut {};

}  // namespace

TEST_CASE("a restored state takes its place as a whole, wherever the power was cut, however often") {
  for (const bool with_before : {false, true}) {
    int steps = 0;
    {
      const MemoryFolder folder;
      prepare(folder.path(), with_before);
      CHECK(finish_restore(folder.path(), [&] { ++steps; }));
      CHECK((contents_of(folder.path()) == kNew));
    }
    REQUIRE(steps > 8);
    for (int first = 1; first <= steps; ++first)
      for (const int second : {1, steps / 2, first, steps}) {
        INFO("cut before change " << first << ", then before change " << second);
        const MemoryFolder folder;
        prepare(folder.path(), with_before);
        for (const int cut : {first, second}) {
          int n = 0;
          try {
            finish_restore(folder.path(), [&] {
              if (++n == cut) throw PowerCut();
            });
          } catch (const PowerCut&) {
          }
        }
        finish_restore(folder.path());
        CHECK((contents_of(folder.path()) == kNew));
        CHECK_FALSE(finish_restore(folder.path()));
        CHECK((contents_of(folder.path()) == kNew));
      }
  }
}

TEST_CASE("what was not published by its rename is thrown away, and the old state stays") {
  const MemoryFolder folder;
  prepare(folder.path(), false);
  fs::remove_all(folder.path() / "restore-next");
  CHECK_FALSE(finish_restore(folder.path()));
  CHECK(read_file(folder.path().string() + "/sonde.xml", 100) == "old");
  CHECK_FALSE(fs::exists(folder.path() / "restore-incoming"));
  CHECK_FALSE(fs::exists(folder.path() / "backup-copy"));
}

TEST_CASE("a restore can be undone, and that too; then it can be forgotten") {
  const MemoryFolder folder;
  CHECK_THROWS_WITH(undo_restore(folder.path()), Catch::Contains("nothing to go back to"));
  prepare(folder.path(), false);
  finish_restore(folder.path());
  CHECK(before_restore(folder.path()));
  undo_restore(folder.path());
  CHECK(finish_restore(folder.path()));
  CHECK(read_file(folder.path().string() + "/sonde.xml", 100) == "old");
  CHECK(read_file(folder.path().string() + "/archive/journal.db", 100) == "old");
  CHECK(read_file(folder.path().string() + "/before-restore/sonde.xml", 100) == "new");
  undo_restore(folder.path());
  CHECK(finish_restore(folder.path()));
  CHECK(read_file(folder.path().string() + "/sonde.xml", 100) == "new");
  CHECK(forget_before_restore(folder.path()));
  CHECK_FALSE(forget_before_restore(folder.path()));
  CHECK_FALSE(before_restore(folder.path()));
}
