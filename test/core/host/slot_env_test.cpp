#include "core/host/slot_env.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("the boot menu's memory comes back as it was written") {
  for (const SlotEnv& env :
       {SlotEnv{}, SlotEnv{'b', std::nullopt, false}, SlotEnv{'a', 'b', false}, SlotEnv{'b', 'a', true}}) {
    const std::string block = slot_env_block(env);
    CHECK(block.size() == kSlotEnvOctets);
    CHECK(block.find("tried") < 512);
    CHECK(parse_slot_env(block) == env);
  }
}

TEST_CASE("the boot menu's own order of lines is understood, and lines of a later one are left alone") {
  std::string block = std::string(kSlotEnvBegin) + "tried=1\nlater=x\nslot=b\ntrial=a\n";
  block.resize(kSlotEnvOctets, '#');
  CHECK(parse_slot_env(block) == SlotEnv{'b', 'a', true});
}

TEST_CASE("values that the boot menu does not know count as it counts them") {
  std::string block = std::string(kSlotEnvBegin) + "slot=c\ntrial=d\ntried=yes\n";
  block.resize(kSlotEnvOctets, '#');
  CHECK(parse_slot_env(block) == SlotEnv{'a', std::nullopt, false});
}

TEST_CASE("a damaged memory of the boot menu is none") {
  const std::string block = slot_env_block({'a', 'b', false});
  CHECK_FALSE(parse_slot_env(block.substr(1)));
  CHECK_FALSE(parse_slot_env(block + "#"));
  CHECK_FALSE(parse_slot_env(std::string(kSlotEnvOctets, '\0')));
  std::string odd = std::string(kSlotEnvBegin) + "slot";
  odd.resize(kSlotEnvOctets, 'x');
  CHECK_FALSE(parse_slot_env(odd));
  // Whatever single octet changes: an answer or none, never a fall.
  for (std::size_t at = 0; at < 128; ++at) {
    std::string changed = block;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    parse_slot_env(changed);
  }
}
