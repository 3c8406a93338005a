#include "appliance/data_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "test/support/temporary_folder.h"

using namespace sonde;

TEST_CASE("a data folder is for its user alone and for one node at a time") {
  const test::TemporaryFolder scratch;
  const std::string folder = scratch / "data";
  {
    const DataFolder first(folder);
    struct stat info {};
    REQUIRE(stat(folder.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    try {
      const DataFolder second(folder);
      FAIL("two nodes share a folder");
    } catch (const Error& error) {
      const std::string sentence = error.what();
      CHECK(sentence.find(std::to_string(getpid())) != std::string::npos);
      CHECK(sentence.find("--data") != std::string::npos);
    }
  }
  CHECK_NOTHROW(DataFolder(folder));
}

TEST_CASE("a folder that cannot be made says so") { CHECK_THROWS_AS(DataFolder("/proc/nowhere/data"), Error); }
