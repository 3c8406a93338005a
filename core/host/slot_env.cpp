#include "core/host/slot_env.h"

namespace sonde {
namespace {

std::optional<char> letter(std::string_view text) {
  if (text == "a" || text == "b") return text.front();
  return std::nullopt;
}

}  // namespace

std::optional<SlotEnv> parse_slot_env(std::string_view block) {
  if (block.size() != kSlotEnvOctets || !block.starts_with(kSlotEnvBegin)) return std::nullopt;
  block.remove_prefix(kSlotEnvBegin.size());
  SlotEnv env;
  // GRUB writes the lines in an order of its own; what is unknown was put there by a later boot menu.
  while (!block.empty() && block.front() != '#') {
    const auto end = block.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end + 1);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = line.substr(0, equals), value = line.substr(equals + 1);
    // As the boot menu reads it: whatever is not "b" is "a".
    if (name == "slot") env.slot = value == "b" ? 'b' : 'a';
    if (name == "trial") env.trial = letter(value);
    if (name == "tried") env.tried = value == "1";
  }
  return env;
}

std::string slot_env_block(const SlotEnv& env) {
  std::string block(kSlotEnvBegin);
  block += std::string("slot=") + env.slot + "\ntrial=" + (env.trial ? std::string(1, *env.trial) : "") +
           "\ntried=" + (env.tried ? "1" : "") + "\n";
  block.resize(kSlotEnvOctets, '#');
  return block;
}

}  // namespace sonde
