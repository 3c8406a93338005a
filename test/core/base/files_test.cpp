#include "core/base/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/base/error.h"
#include "test/support/temporary_folder.h"

using namespace sonde;

TEST_CASE("a file is replaced whole, with the mode asked for, and nothing is left beside it") {
  const sonde::test::TemporaryFolder folder;
  const std::string path = folder.path() + "/a";
  write_file_atomically(path, "one", 0600);
  write_file_atomically(path, "two", 0600);
  CHECK(read_file(path, 100) == "two");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("what root writes into another user's folder is that user's") {
  if (::geteuid() != 0) return;
  const sonde::test::TemporaryFolder folder;
  REQUIRE(::chown(folder.path().c_str(), 65534, 65534) == 0);
  const std::string path = folder.path() + "/a";
  write_file_atomically(path, "one", 0600);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK(status.st_uid == 65534);
  CHECK(status.st_gid == 65534);
}

TEST_CASE("a leftover or a planted link at the temporary name is not followed") {
  const sonde::test::TemporaryFolder folder;
  write_file_atomically(folder.path() + "/victim", "keep", 0600);
  REQUIRE(::symlink((folder.path() + "/victim").c_str(), (folder.path() + "/a.new").c_str()) == 0);
  write_file_atomically(folder.path() + "/a", "x", 0600);
  CHECK(read_file(folder.path() + "/victim", 100) == "keep");
}

TEST_CASE("a file that is absent is empty, one too large an error, one that cannot be written an error") {
  const sonde::test::TemporaryFolder folder;
  CHECK_FALSE(read_file(folder.path() + "/none", 100));
  write_file_atomically(folder.path() + "/a", std::string(101, 'x'), 0600);
  CHECK_THROWS_AS(read_file(folder.path() + "/a", 100), Error);
  CHECK(read_file(folder.path() + "/a", 101)->size() == 101);
  CHECK_THROWS_AS(write_file_atomically(folder.path() + "/no/such/a", "x", 0600), Error);
}
