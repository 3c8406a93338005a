#include "appliance/ports.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

namespace sonde {
namespace {

std::optional<PortView> shell_row(const Config& config, const MachineView* machine) {
  const auto ports = port_table(config, {}, machine);
  const auto row = std::ranges::find(ports, "remote shell (SSH)", &PortView::purpose);
  return row == ports.end() ? std::nullopt : std::optional(*row);
}

}  // namespace

TEST_CASE("the remote shell is listed as the root helper has it, not as the configuration would") {
  Config config;
  config.host.emplace().shell_keys = {"ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"};
  CHECK_FALSE(shell_row(config, nullptr));
  MachineView machine;
  CHECK_FALSE(shell_row(config, &machine));
  machine.waiting_keys = 2;
  const auto closed = shell_row(config, &machine);
  CHECK_FALSE(closed->open);
  CHECK(closed->sentence == "2 keys wait to be let in at the machine's console (k).");
  machine.shell_keys = 1;
  machine.waiting_keys = 1;
  const auto open = shell_row(config, &machine);
  CHECK(open->open);
  CHECK(open->for_operators);
  CHECK(open->sentence == "For one key, without passwords. One key waits to be let in at the machine's console (k).");
}

}  // namespace sonde
