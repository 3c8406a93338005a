#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

inline constexpr std::size_t kSlotEnvOctets = 1024;
/// How the file begins that the boot menu and this program share: by this it is found on its partition.
inline constexpr std::string_view kSlotEnvBegin = "# GRUB Environment Block\n# Slots of Sonde\n";

/// Which of a disk's two systems starts. A plain value.
struct SlotEnv {
  char slot = 'a';            ///< the one that is trusted: 'a' or 'b'
  std::optional<char> trial;  ///< to be started once, or started and not confirmed
  bool tried = false;         ///< the boot menu has started the trial
  bool operator==(const SlotEnv&) const = default;
};

/// GRUB's environment block: text of 1,024 octets, filled up with '#'. Empty when it is none of ours.
std::optional<SlotEnv> parse_slot_env(std::string_view block);
/// All that changes is in the first 512 octets, one sector, which a disk writes whole or not at all.
std::string slot_env_block(const SlotEnv& env);

}  // namespace sonde
