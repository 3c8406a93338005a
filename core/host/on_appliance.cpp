#include <array>

#include "core/host/judging.h"

namespace sonde {
namespace {

struct Way {
  std::string_view key;  ///< of a finding, or its last word for those of each interface
  std::string_view how;
};

constexpr std::array kWays = {
    Way{"clock.synchronised", "Name time servers near to you under Time: on the console, or on This node, Settings."},
    Way{"clock.steps",
        "A virtual machine that is paused or moved steps, and so does one whose time servers disagree by a second: "
        "name others under Time."},
    Way{"clock.source", "The firmware decides which there are; a newer one often mends it."},
    Way{"kernel.tcp_features", "Start the machine anew: nothing in the image switches them off."},
    Way{"machine.memory", "Give the machine more memory, or keep data on a drive (under Data)."},
    Way{"machine.disk", "Choose a drive, or a larger one, under Data: on the console, or on This node, This machine."},
    Way{"mtu", "Set what the network underneath carries: under Network, and at the switch port."},
    Way{"offloads", ""},
    Way{"interrupts", "Give the NIC more queues, if it has them."},
};

constexpr std::string_view kButton = "The button on This node, Fit to measure, does it: an administrator's.";

}  // namespace

void for_appliance(Finding& finding) {
  finding.command.clear();
  if (!finding.rows.empty()) finding.how = kButton;
  if (!finding.rows.empty() || finding.how.empty()) return;
  for (const Way& way : kWays)
    if (finding.key == way.key ||
        (finding.key.starts_with("nic.") && finding.key.ends_with("." + std::string(way.key))))
      finding.how = way.how;
}

}  // namespace sonde
