#include "appliance/host_slot_words.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "test/appliance/made_up_slots.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const Json kNothing{.kind = Json::Kind::object};

struct Fixture : MadeUpSlots {
  static Json ask(HostSlotWords& words, const std::string& word, const Json& arguments = kNothing) {
    return *parse_json(words.answer(word, arguments)).value;
  }
  /// What the work that was begun came to.
  static Json ended(HostSlotWords& words) {
    for (;; std::this_thread::yield()) {
      const Json state = ask(words, "slots");
      if (const Json* work = state.find("work"); work && work->find("ended")->boolean) return *work;
    }
  }
  SlotEnv env() const { return read_slot_env({folder / "vda2", 0, 1 << 20}); }
  /// As the boot menu starts what was put on trial.
  void start_trial() const {
    SlotEnv now = env();
    now.tried = true;
    write_slot_env({folder / "vda2", 0, 1 << 20}, now);
    booted("sonde.slot=b sonde.trial=1");
    runs_from(4);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the root helper tells what is in the slots and runs an upgrade beside its other work") {
  HostSlotWords words(places);
  CHECK(text_of(ask(words, "slots"), "sentence") == "System a runs.");
  put("upgrade", signed_image({.version = "0.3.0"}, signer));
  ask(words, "upgrade");
  const Json work = ended(words);
  CHECK(text_of(work, "sentence") == "Version 0.3.0 is ready: the next start tries it.");
  CHECK_FALSE(work.find("failed")->boolean);
  const Json state = ask(words, "slots");
  CHECK(text_of(state, "trial") == "b");
  CHECK(text_of(state.find("slots")->items.at(1), "version") == "0.3.0");
}

TEST_CASE_METHOD(Fixture, "an older image needs the word for it") {
  HostSlotWords words(places);
  put("upgrade", signed_image({.version = "0.1.0"}, signer));
  ask(words, "upgrade");
  const Json refused = ended(words);
  CHECK(refused.find("failed")->boolean);
  CHECK_THAT(text_of(refused, "sentence"), Catch::Contains("older"));
  ask(words, "upgrade", *parse_json(R"({"older":true})").value);
  CHECK_FALSE(ended(words).find("failed")->boolean);
}

TEST_CASE_METHOD(Fixture, "a trial is trusted once its node was well for half a minute, and its timer is told") {
  put("vda4", get("vda3"));
  write_slot_env({folder / "vda2", 0, 1 << 20}, {'a', 'b', false});
  start_trial();
  HostSlotWords words(places);
  CHECK_FALSE(words.follow(SteadyTime(0s), ""));
  CHECK_FALSE(words.follow(SteadyTime(29s), ""));
  CHECK(env() == SlotEnv{'a', 'b', true});
  CHECK_FALSE(std::filesystem::exists(places.confirmed));
  CHECK_FALSE(words.follow(SteadyTime(31s), ""));
  CHECK(env() == SlotEnv{'b', std::nullopt, false});
  CHECK(std::filesystem::exists(places.confirmed));

  SECTION("a root helper that starts later does not judge again") {
    HostSlotWords later(places);
    CHECK_FALSE(later.follow(SteadyTime(0s), "its page does not answer"));
    CHECK_FALSE(later.follow(SteadyTime(1h), "its page does not answer"));
  }
}

TEST_CASE_METHOD(Fixture, "a trial whose node is not well in time makes the machine start again, untrusted") {
  write_slot_env({folder / "vda2", 0, 1 << 20}, {'a', 'b', false});
  start_trial();
  HostSlotWords words(places);
  CHECK_FALSE(words.follow(SteadyTime(0s), "its page does not answer"));
  CHECK(words.follow(SteadyTime(5min), "its page does not answer"));
  CHECK_FALSE(words.follow(SteadyTime(5min + 2s), "its page does not answer"));
  CHECK(env() == SlotEnv{'a', 'b', true});
}

TEST_CASE_METHOD(Fixture, "where no slot was started there is nothing to upgrade, confirm or go back to") {
  booted("sonde.id=1");
  HostSlotWords words(places);
  CHECK_FALSE(ask(words, "slots").find("installed")->boolean);
  for (const char* word : {"upgrade", "confirm", "go-back"}) CHECK_THROWS_AS(words.answer(word, kNothing), Error);
  CHECK_FALSE(words.follow(SteadyTime(0s), "its page does not answer"));
  CHECK_FALSE(words.follow(SteadyTime(1h), "its page does not answer"));
}
