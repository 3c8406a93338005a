#pragma once

#include <span>
#include <vector>

#include "core/config/config.h"
#include "core/run/probe_type.h"

namespace sonde {

/// What a node measures about itself from its first second: clock, interfaces, and a loopback self-check by ping and
/// OWAMP. Nothing of it leaves the host. Their ids never change.
std::vector<TestSpec> first_tests(std::span<const ProbeType* const> catalogue);
/// The peer that the self-check asks: this host's own loopback address.
Peer own_peer();
/// Makes a fresh configuration one: node id, the host's name, and the tests above.
void begin_by_itself(Config& config, std::span<const ProbeType* const> catalogue);

}  // namespace sonde
