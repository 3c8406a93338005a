// The node's side of the root helper, with the helper's own answers where they change nothing.
#include "appliance/host_door.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/base/error.h"
#include "test/appliance/made_up_host.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

struct Fixture : MadeUpHost {
  /// What would change this host is only written down. The helper answers one at a time.
  Json helper(const std::string& word, const std::string& arguments) {
    const std::lock_guard lock(mutex);
    if (silent) throw Error("The appliance's root helper does not answer.");
    if (word == "use-data" || word == "reboot" || word == "power-off" || word == "install") {
      orders.push_back(word + " " + arguments);
      if (!refusal.empty()) throw Error(refusal);
      return {.kind = Json::Kind::object};
    }
    Json told = ask(word, arguments);
    if (const Json* refused = told.find("refused")) throw Error(refused->text);
    return told;
  }
  std::vector<std::string> ordered() {
    const std::lock_guard lock(mutex);
    return orders;
  }
  template <typename Tells>
  MachineView becomes(const Tells& tells) {
    for (const auto until = std::chrono::steady_clock::now() + 20s;;) {
      MachineView now = door.view();
      if (tells(now) || std::chrono::steady_clock::now() > until) return now;
      std::this_thread::sleep_for(5ms);
    }
  }
  std::optional<Problem> upload(const std::string& file, bool older = false) {
    std::size_t at = 0;
    const auto read = [&](std::span<char> out) -> std::optional<std::size_t> {
      const std::size_t n = std::min(out.size(), file.size() - at);
      std::copy_n(file.data() + at, n, out.data());
      at += n;
      return n;
    };
    return door.take_image(read, file.size(), older, "alice");
  }
  bool nothing_staged() const {
    return !std::filesystem::exists(places.staged) && !std::filesystem::exists(places.staged + ".part");
  }

  std::mutex mutex;
  bool silent = false;              // guarded by mutex
  std::string refusal;              // guarded by mutex
  std::vector<std::string> orders;  // guarded by mutex
  std::vector<std::string> record;
  HostDoor door{{.ask = [this](const std::string& word, const std::string& arguments, Duration,
                               const std::stop_token&) { return helper(word, arguments); },
                 .places = places,
                 .data = folder.path(),
                 .farewell = 1ms,
                 .look = 10ms}};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the machine is told as the helper tells it") {
  const MachineView now = becomes([](const MachineView& view) { return view.known; });
  CHECK(now.drives.size() == 3);
  CHECK(now.drives[1].proof() == "disk1");
  CHECK(now.drives[2].proof() == "vdc");
  CHECK(now.installed);
  CHECK(now.running == 'a');
  CHECK(now.slots.at(0).version == "0.2.0");
  CHECK(now.slots.at(1).version.empty());
  CHECK_FALSE(now.work);
}

TEST_CASE_METHOD(Fixture, "a helper that is silent is told, with what was known before") {
  becomes([](const MachineView& view) { return view.known; });
  {
    const std::lock_guard lock(mutex);
    silent = true;
  }
  const MachineView now = becomes([](const MachineView& view) { return !view.sentence.empty(); });
  CHECK_THAT(now.sentence, Contains("does not answer"));
  CHECK(now.drives.size() == 3);
  CHECK(door.use_data({"vdb", "disk1", true}, "alice")->status == 503);
}

TEST_CASE_METHOD(Fixture, "a drive is formatted only with what is written on it") {
  const auto refused = [&](const Machine::DriveChoice& choice) { return door.use_data(choice, "alice").value(); };
  CHECK(refused({"vdz", "x", true}).field == "drive");
  CHECK_THAT(refused({"vdb", "", true}).sentence, Contains("Type its serial number, disk1"));
  CHECK_THAT(refused({"vdb", "disk0", true}).sentence, Contains("is disk1, not disk0"));
  CHECK(refused({"vdb", "disk1", false}).field == "typed");
  CHECK_THAT(refused({"vdc", "", true}).sentence, Contains("no serial number, vdc"));
  CHECK(ordered().empty());
  CHECK_FALSE(door.use_data({"vdb", " disk1 ", true}, "alice"));
  const MachineView now = becomes([](const MachineView& view) { return view.work && view.work->ended; });
  CHECK(now.work->word == "use-data");
  CHECK(ordered() == std::vector<std::string>{R"(use-data {"disk":"vdb","serial":"disk1","format":true})"});
}

TEST_CASE_METHOD(Fixture, "our own data are used as they are, and memory stays memory") {
  CHECK_FALSE(door.check_data({kInMemory, "", false}));
  CHECK_FALSE(door.check_data({"vda5", "", false}));
  CHECK(door.check_data({"vda5", "", true})->field == "typed");
  CHECK_FALSE(door.use_data({kInMemory, "", false}, "alice"));
  CHECK(ordered().empty());
}

TEST_CASE_METHOD(Fixture, "what the helper refuses to do later is told as failed work, and can be tried again") {
  refusal = "Formatting vdb1 failed: no.";
  CHECK_FALSE(door.use_data({"vdb", "disk1", true}, "alice"));
  const MachineView now = becomes([](const MachineView& view) { return view.work && view.work->failed; });
  CHECK(now.work->sentence == "Formatting vdb1 failed: no.");
  CHECK(now.work->ended);
  CHECK_FALSE(door.use_data({"vdb", "disk1", true}, "alice"));
}

TEST_CASE_METHOD(Fixture, "the system goes onto a whole drive that was named right") {
  CHECK(door.install({"vda5", "vda5"}, "alice")->field == "drive");
  CHECK(door.install({"vdb", "vdb"}, "alice")->field == "typed");
  CHECK_THAT(door.install({"vdc", "vdc"}, "alice")->sentence, Contains("too small"));
  CHECK(ordered().empty());
  CHECK_FALSE(door.install({"vdb", "disk1"}, "alice"));
  CHECK(ordered() == std::vector<std::string>{R"(install {"disk":"vdb","serial":"disk1"})"});
}

TEST_CASE_METHOD(Fixture, "a restart is asked for after its answer went out, and once") {
  CHECK_FALSE(door.restart("alice"));
  CHECK(door.power_off("alice")->status == 409);
  becomes([&](const MachineView&) { return !ordered().empty(); });
  CHECK(ordered() == std::vector<std::string>{"reboot {}"});
  CHECK_FALSE(door.view().work->ended);
}

TEST_CASE_METHOD(Fixture, "an upload whose signature is right is written to the other slot; then its file is gone") {
  becomes([](const MachineView& view) { return view.known; });
  CHECK(door.upgrade(false, "alice")->status == 409);
  REQUIRE_FALSE(upload(signed_image({.version = "0.3.0"}, signer)));
  const MachineImage image = door.view().image;
  CHECK(image.state == MachineImage::State::ready);
  CHECK(image.version == "0.3.0");
  CHECK_FALSE(image.older);
  CHECK(std::filesystem::exists(places.staged));
  REQUIRE_FALSE(door.upgrade(false, "alice"));
  const MachineView now = becomes([&](const MachineView& view) {
    return view.work && view.work->ended && view.image.state == MachineImage::State::none && !view.trial.empty();
  });
  CHECK_FALSE(now.work->failed);
  CHECK(now.slots.at(1).version == "0.3.0");
  CHECK(now.trial == "b");
  CHECK(nothing_staged());
}

TEST_CASE_METHOD(Fixture, "what is unsigned, a stranger's, cut off or no image is refused, and nothing of it stays") {
  becomes([](const MachineView& view) { return view.known; });
  const std::string good = signed_image({.version = "0.3.0"}, signer);
  const std::pair<std::string, const char*> files[] = {
      {good.substr(0, good.size() - kImageTrailer), "no signature"},
      {signed_image({.version = "0.3.0"}, ImageSigner()), "does not know"},
      {good.substr(0, good.size() - 1), "cut off"},
      {std::string(100, 'x'), "no image of Sonde"}};
  for (const auto& [file, sentence] : files) {
    const auto refused = upload(file);
    REQUIRE(refused);
    CHECK(refused->status == 422);
    CHECK_THAT(refused->sentence, Contains(sentence));
    CHECK(nothing_staged());
    CHECK(door.view().image.state == MachineImage::State::failed);
  }
}

TEST_CASE_METHOD(Fixture, "an older image is refused with the way to take it, and taken only when it was said") {
  becomes([](const MachineView& view) { return view.known; });
  const std::string older = signed_image({.version = "0.1.0"}, signer);
  const auto refused = upload(older);
  REQUIRE(refused);
  CHECK_THAT(refused->sentence, Contains("older") && Contains("go back") && Contains("password"));
  CHECK(nothing_staged());
  REQUIRE_FALSE(upload(older, true));
  CHECK(door.view().image.older);
  CHECK(door.upgrade(false, "alice")->field == "password");
  REQUIRE_FALSE(door.upgrade(true, "alice"));
  const MachineView now = becomes([&](const MachineView& view) { return view.work && view.work->ended; });
  CHECK_FALSE(now.work->failed);
}

TEST_CASE_METHOD(Fixture, "an upload that breaks off, is too large or meets another one leaves nothing") {
  becomes([](const MachineView& view) { return view.known; });
  const auto broken = [](std::span<char>) -> std::optional<std::size_t> { return std::nullopt; };
  CHECK_THAT(door.take_image(broken, 1 << 20, false, "alice")->sentence, Contains("broke off"));
  CHECK(door.take_image(broken, 2ULL << 30, false, "alice")->status == 413);
  CHECK(nothing_staged());
  std::optional<Problem> second;
  const auto meets = [&](std::span<char>) -> std::optional<std::size_t> {
    second = upload("another");
    return std::nullopt;
  };
  CHECK(door.take_image(meets, 1 << 20, false, "alice"));
  REQUIRE(second);
  CHECK_THAT(second->sentence, Contains("Another image is coming"));
  CHECK(nothing_staged());
}

TEST_CASE_METHOD(Fixture, "an image that was dropped while it came is not taken") {
  becomes([](const MachineView& view) { return view.known; });
  const auto dropped = [&](std::span<char> out) -> std::optional<std::size_t> {
    door.drop_image("alice");
    return out.size();
  };
  CHECK(door.take_image(dropped, 1 << 20, false, "alice"));
  CHECK(door.view().image.state == MachineImage::State::none);
  CHECK(nothing_staged());
}

TEST_CASE_METHOD(MadeUpSlots, "what an earlier life of the node left of an image is deleted") {
  put("upgrade", "left");
  HostSlotWords words(places);
  HostDoor door({.ask =
                     [&](const std::string& word, const std::string&, Duration, const std::stop_token&) {
                       return *parse_json(word == "slots" ? words.answer("slots", {}) : "{}").value;
                     },
                 .places = places,
                 .data = folder.path()});
  for (int tries = 0; !door.view().known && tries < 1000; ++tries) std::this_thread::sleep_for(5ms);
  CHECK_FALSE(std::filesystem::exists(places.staged));
}

TEST_CASE_METHOD(MadeUpSlots, "a node that ends does not wait for a helper that formats") {
  auto door = std::make_unique<HostDoor>(
      HostDoor::Parts{.ask =
                          [](const std::string&, const std::string&, Duration, const std::stop_token& stop) {
                            std::mutex mutex;
                            std::condition_variable_any never;
                            std::unique_lock lock(mutex);
                            never.wait(lock, stop, [] { return false; });
                            throw Error("The node ends before the root helper answered.");
                            return Json{};
                          },
                      .places = places,
                      .data = folder.path()});
  door->stop();
  door.reset();
  SUCCEED("it ended");
}
