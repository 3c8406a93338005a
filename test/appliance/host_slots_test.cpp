#include "appliance/host_slots.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "test/appliance/made_up_slots.h"
#include "test/support/signed_image.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

namespace {

constexpr std::uint64_t kSlot = 4 << 20, kEfi = 1 << 20;

/// A disk with two slots in three plain files; system a runs, its slot holds an image, the other is empty.
struct Fixture {
  TemporaryFolder folder;
  ImageSigner signer;
  ImageTrust trust{{"sonde", "amd64", "0.2.0", "release", ""}, {signer.key()}};
  SlotDisk disk{{folder / "efi", 0, kEfi}, {folder / "a", 0, kSlot}, {folder / "b", 0, kSlot}, 'a', false};
  std::string staged = folder / "upgrade";

  Fixture() {
    put("efi", std::string(4096, 'x') + slot_env_block({}) + std::string(kEfi - 4096 - kSlotEnvOctets, '\0'));
    std::string running = signed_image({.filling = 'a'}, signer);
    running.resize(kSlot);
    put("a", running);
    put("b", std::string(kSlot, '\0'));
  }
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(folder / name, std::ios::binary) << content;
  }
  std::string get(const std::string& name) const { return *read_file(folder / name, 16 << 20); }
  SlotEnv env() const { return read_slot_env(disk.efi); }
  void upgrade(const std::string& image, bool older = false) {
    put("upgrade", image);
    write_upgrade(disk, trust, staged, older, {});
  }
  /// The upgrade is refused with this word in its sentence, and nothing on the disk has changed.
  void refused(const std::string& image, const char* word) {
    const std::string efi = get("efi"), b = get("b");
    try {
      upgrade(image);
      FAIL("it was not refused");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), Catch::Contains(word));
    }
    CHECK(get("efi") == efi);
    CHECK(get("b") == b);
  }
  /// As the boot menu does it at the next start.
  void start() {
    SlotEnv now = env();
    disk.on_trial = now.trial && !now.tried;
    disk.running = disk.on_trial ? *now.trial : now.slot;
    if (disk.on_trial) now.tried = true;
    write_slot_env(disk.efi, now);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an upgrade goes to the slot that does not run, is tried once and confirmed") {
  const std::string a = get("a"), image = signed_image({.version = "0.3.0"}, signer);
  upgrade(image);
  CHECK(get("a") == a);
  CHECK(get("b").substr(0, image.size()) == image);
  CHECK(env() == SlotEnv{'a', 'b', false});
  start();
  CHECK(disk.running == 'b');
  CHECK(disk.on_trial);
  CHECK(slot_state(disk, trust).sentence.find("on trial") != std::string::npos);
  confirm_trial(disk);
  CHECK(env() == SlotEnv{'b', std::nullopt, false});
  start();
  CHECK(disk.running == 'b');
  CHECK_FALSE(disk.on_trial);
}

TEST_CASE_METHOD(Fixture, "a trial that nobody confirmed is followed by the system of before, which says so") {
  upgrade(signed_image({.version = "0.3.0"}, signer));
  start();
  start();
  CHECK(disk.running == 'a');
  const SlotReport report = slot_state(disk, trust);
  CHECK(report.sentence.find("did not prove itself") != std::string::npos);
  CHECK(report.slots[1].image->version == "0.3.0");
}

TEST_CASE_METHOD(Fixture, "what is not signed, wrongly signed, older, too large or cut off is not written") {
  const ImageSigner stranger;
  const std::string image = signed_image({.version = "0.3.0"}, signer);
  refused(image.substr(0, image.size() - kImageTrailer), "no signature");
  refused(signed_image({.version = "0.3.0"}, stranger), "does not know");
  refused(signed_image({.version = "0.1.9"}, signer), "older");
  refused(signed_image({.product = "other"}, signer), "other");
  refused(signed_image({.architecture = "arm64"}, signer), "arm64");
  refused(signed_image({.size = kSlot}, signer), "does not fit");
  refused(image.substr(0, image.size() - 5000), "cut off");
  refused("", "no image");
  std::string changed = image;
  changed[100000] = 'y';
  refused(changed, "not what was signed");
}

TEST_CASE_METHOD(Fixture, "an older image is written when going back is asked for") {
  upgrade(signed_image({.version = "0.1.9"}, signer), true);
  CHECK(env().trial == 'b');
}

TEST_CASE_METHOD(Fixture, "a link in place of the staged image is not followed") {
  put("elsewhere", signed_image({}, signer));
  std::filesystem::create_symlink(folder / "elsewhere", staged);
  CHECK_THROWS_AS(write_upgrade(disk, trust, staged, false, {}), Error);
  CHECK(env() == SlotEnv{});
}

TEST_CASE_METHOD(Fixture,
                 "while a slot is written nothing leads to it, and an old image in it is not taken for whole") {
  const std::string old = signed_image({.version = "0.2.5"}, signer);
  upgrade(old);
  REQUIRE(slot_state(disk, trust).slots[1].image);
  // Written half: the image changes between being checked and being copied, as its owner could do.
  const std::string image = signed_image({.version = "0.3.0", .filling = 'n'}, signer);
  put("upgrade", image);
  bool changed = false;
  CHECK_THROWS_WITH(write_upgrade(disk, trust, staged, false,
                                  [&](const HostProgress& progress) {
                                    if (changed || progress.done < progress.all) return;
                                    changed = true;
                                    CHECK(env() == SlotEnv{'a', 'b', false});
                                    std::string other = image;
                                    other[70000] = '!';
                                    put("upgrade", other);
                                  }),
                    Catch::Contains("left empty"));
  CHECK(changed);
  CHECK(env() == SlotEnv{});
  CHECK_FALSE(slot_state(disk, trust).slots[1].image);
  // Nothing that a boot menu could take for a file system, however much of it was signed.
  const std::string begin = read_file(folder / "b", 64 << 20).value().substr(0, 64 << 10);
  CHECK(begin == std::string(begin.size(), '\0'));
}

TEST_CASE_METHOD(Fixture, "going back tries the other system, and never an empty or a damaged one") {
  CHECK_THROWS_WITH(go_back(disk, trust, {}), Catch::Contains("empty"));
  upgrade(signed_image({.version = "0.3.0"}, signer));
  start();
  confirm_trial(disk);
  CHECK(go_back(disk, trust, {}).version == "0.2.0");
  CHECK(env() == SlotEnv{'b', 'a', false});
  start();
  confirm_trial(disk);
  CHECK(env() == SlotEnv{});
  std::string b = get("b");
  b[50000] = '?';
  put("b", b);
  CHECK_THROWS_WITH(go_back(disk, trust, {}), Catch::Contains("not what was signed"));
  CHECK(env() == SlotEnv{});
}

TEST_CASE_METHOD(Fixture, "going back from a trial does not make the trial trusted") {
  upgrade(signed_image({.version = "0.3.0"}, signer));
  start();
  CHECK_THROWS_AS(upgrade(signed_image({.version = "0.4.0"}, signer)), Error);
  go_back(disk, trust, {});
  CHECK(env() == SlotEnv{});
}

TEST_CASE_METHOD(Fixture, "only a system on trial can be confirmed") {
  confirm_trial(disk);  // nothing to do
  upgrade(signed_image({.version = "0.3.0"}, signer));
  CHECK_THROWS_AS(confirm_trial(disk), Error);
  CHECK(env() == SlotEnv{'a', 'b', false});
}

TEST_CASE_METHOD(Fixture, "a partition without the boot menu's memory, or with two, is told") {
  put("efi", std::string(kEfi, '\0'));
  CHECK_THROWS_WITH(slot_state(disk, trust), Catch::Contains("not installed by Sonde"));
  put("efi", slot_env_block({}) + slot_env_block({}) + std::string(4096, '\0'));
  CHECK_THROWS_WITH(slot_state(disk, trust), Catch::Contains("twice"));
}

TEST_CASE_METHOD(MadeUpSlots, "slots are found by the kernel's words, the mounted medium and the names of partitions") {
  runs_from(4);
  booted("sonde.id=1 sonde.slot=b sonde.trial=1");
  const auto found = find_slots(places);
  REQUIRE(found);
  CHECK(found->running == 'b');
  CHECK(found->on_trial);
  CHECK(found->a.path == folder / "vda3");
  CHECK(found->efi.octets == kEfi);
  booted("sonde.slot=b");
  CHECK_FALSE(find_slots(places)->on_trial);
  // The command line says a, what is mounted is b: neither is written.
  booted("sonde.slot=a");
  CHECK_FALSE(find_slots(places));
  booted("sonde.id=1");
  CHECK_FALSE(find_slots(places));
}
