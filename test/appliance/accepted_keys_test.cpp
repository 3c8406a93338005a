// Who may open the remote shell: what the configuration asks for counts only once somebody agreed to it.
#include "appliance/accepted_keys.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <vector>

#include "test/support/temporary_folder.h"

namespace sonde {
namespace {

using Keys = std::vector<std::string>;

struct Machine {
  test::TemporaryFolder folder;
  AcceptedKeys::Places places{folder / "data/ssh/accepted_keys", folder / "run/shell/accepted_keys"};
  AcceptedKeys anew() const { return AcceptedKeys(places); }
};

const std::string kOne = "ssh-ed25519 AAAA one", kTwo = "ssh-ed25519 BBBB two";

}  // namespace

TEST_CASE("a key waits until it is let in, and another does not come in with it") {
  const Machine machine;
  AcceptedKeys keys = machine.anew();
  CHECK(keys.sort(Keys{kOne, kTwo}).empty());
  CHECK(keys.waiting() == Keys{kOne, kTwo});
  CHECK(keys.accept(Keys{kOne, "ssh-ed25519 CCCC nobody asked for"}) == 1);
  CHECK(keys.sort(Keys{kOne, kTwo, "ssh-ed25519 CCCC nobody asked for"}) == Keys{kOne});
  CHECK(keys.waiting() == Keys{kTwo, "ssh-ed25519 CCCC nobody asked for"});
  CHECK(keys.accept(Keys{kOne}) == 0);
}

TEST_CASE("what was let in outlives the process and the start of the machine, and nobody else may read or write it") {
  const Machine machine;
  AcceptedKeys keys = machine.anew();
  keys.sort(Keys{kOne});
  keys.accept(Keys{kOne});
  CHECK(machine.anew().sort(Keys{kOne}) == Keys{kOne});
  std::filesystem::remove_all(machine.folder / "run");
  CHECK(machine.anew().sort(Keys{kOne}) == Keys{kOne});
  using std::filesystem::perms;
  CHECK(std::filesystem::status(machine.places.kept).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(std::filesystem::status(std::filesystem::path(machine.places.kept).parent_path()).permissions() ==
        perms::owner_all);
}

TEST_CASE("a key that was taken away waits again when it comes back") {
  const Machine machine;
  AcceptedKeys keys = machine.anew();
  keys.sort(Keys{kOne, kTwo});
  CHECK(keys.accept(Keys{kOne, kTwo}) == 2);
  CHECK(keys.sort(Keys{kTwo}) == Keys{kTwo});
  CHECK(keys.sort(Keys{kOne, kTwo}) == Keys{kTwo});
  CHECK(keys.waiting() == Keys{kOne});
  CHECK(keys.sort(Keys{}).empty());
  CHECK(machine.anew().sort(Keys{kOne, kTwo}).empty());
}

TEST_CASE("data that moved or went away take nobody's key along; a partition with a list of its own counts") {
  const Machine machine;
  AcceptedKeys keys = machine.anew();
  keys.sort(Keys{kOne});
  keys.accept(Keys{kOne});
  // The partition was pulled out: memory has no list.
  std::filesystem::remove_all(machine.folder / "data");
  CHECK(machine.anew().sort(Keys{kOne}) == Keys{kOne});
  CHECK(std::filesystem::exists(machine.places.kept));
  // Another node's partition, which let in another key.
  std::ofstream(machine.places.kept) << kTwo << "\n";
  CHECK(machine.anew().sort(Keys{kOne, kTwo}) == Keys{kTwo});
}

}  // namespace sonde
