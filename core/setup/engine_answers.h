#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"

namespace sonde {

/// The two questions of the set-up about the limits table: light tests and throughput.
enum class EngineKind : std::uint8_t { light, throughput };

/// From where engines of this kind are answered: "nobody", "networks" or "anyone"; none while there is no table, or
/// when it says more than these answers can.
std::optional<std::string> engines_from(const Config& config, EngineKind kind);
/// The networks of "networks"; else empty.
std::vector<Prefix> engine_networks(const Config& config, EngineKind kind);
/// Replaces the rows of this kind by those for `networks`; the table is made when there is none.
void allow_engines(Config& config, EngineKind kind, std::span<const Prefix> networks);
/// 0.0.0.0/0 and ::/0
std::vector<Prefix> any_network();

}  // namespace sonde
