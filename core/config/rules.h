#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config/config.h"
#include "core/run/probe_type.h"

namespace sonde {

inline constexpr std::size_t kMostPeers = 1000;
inline constexpr std::size_t kMostTests = 5000;
inline constexpr std::size_t kMostRules = 1000;
inline constexpr std::size_t kMostCommunities = 32;

using Probes = std::span<const ProbeType* const>;

/// The first rule that is broken. `section` is "site", "settings", "host", "engines", "peers", "tests" or "pauses";
/// `index` counts within the last four; `field` is as in the API: "schedule.period", "options.count"; empty = the
/// section itself.
struct ConfigProblem {
  std::string section;
  std::size_t index = 0;
  std::string field;
  std::string sentence;
};

/// Every rule, for file and web alike. Empty = all is well.
std::optional<ConfigProblem> check(const Config& config, Probes probes);

const ProbeType* find_probe(Probes probes, std::string_view name);

/// True when the series of `after` are not those of `before`: changed step, Type-P, family, peer, own address or an
/// option that is part of the identity (measurement.md: revisions).
bool begins_new_revision(const TestSpec& before, const TestSpec& after, const ProbeType& type);
/// Raises the revisions in `next` where a test, or the address of its peer, is not what it was in `running`; never
/// lowers one. For files edited by hand and for edits by the web.
void carry_revisions(const Config& running, Config& next, Probes probes);

}  // namespace sonde
