#include "core/setup/engine_answers.h"

#include <algorithm>

namespace sonde {
namespace {

std::span<const std::string_view> engines_of(EngineKind kind) {
  static constexpr std::string_view kLight[] = {"owamp", "twamp", "stamp", "ping"}, kHeavy[] = {"throughput"};
  if (kind == EngineKind::light) return kLight;
  return kHeavy;
}

/// Throughput from outside starts small: an hour's share and UDP are bounded by the engine itself.
EngineRule rule_of(EngineKind kind, std::string_view engine, const Prefix& source) {
  EngineRule rule;
  rule.engine = engine;
  rule.source = source;
  rule.allow = true;
  if (kind == EngineKind::throughput)
    rule.seconds = 60, rule.streams = 6, rule.sessions = 4, rule.octets_per_day = 100'000'000'000;
  return rule;
}

/// The networks of one engine, if its rows are as rule_of() makes them.
std::optional<std::vector<Prefix>> plain_networks(const std::vector<EngineRule>& rules, EngineKind kind,
                                                  std::string_view engine) {
  std::vector<Prefix> networks;
  for (const EngineRule& rule : rules) {
    if (rule.engine == "*") return std::nullopt;
    if (rule.engine != engine) continue;
    if (rule != rule_of(kind, engine, rule.source)) return std::nullopt;
    networks.push_back(rule.source);
  }
  return networks;
}

/// The same for all engines of the kind, which must agree.
std::optional<std::vector<Prefix>> plain_networks(const Config& config, EngineKind kind) {
  if (!config.engine_rules) return std::nullopt;
  std::optional<std::vector<Prefix>> found;
  std::vector<Prefix> sorted;
  for (const std::string_view engine : engines_of(kind)) {
    auto networks = plain_networks(*config.engine_rules, kind, engine);
    if (!networks) return std::nullopt;
    auto in_order = *networks;
    std::ranges::sort(in_order);
    if (found && in_order != sorted) return std::nullopt;
    if (!found) found = std::move(networks), sorted = std::move(in_order);
  }
  return found;
}

}  // namespace

std::vector<Prefix> any_network() { return {*Prefix::parse("0.0.0.0/0"), *Prefix::parse("::/0")}; }

std::optional<std::string> engines_from(const Config& config, EngineKind kind) {
  const auto networks = plain_networks(config, kind);
  if (!networks) return std::nullopt;
  if (networks->empty()) return "nobody";
  return *networks == any_network() ? "anyone" : "networks";
}

std::vector<Prefix> engine_networks(const Config& config, EngineKind kind) {
  const auto networks = plain_networks(config, kind);
  return networks && *networks != any_network() ? *networks : std::vector<Prefix>{};
}

void allow_engines(Config& config, EngineKind kind, std::span<const Prefix> networks) {
  if (!config.engine_rules) config.engine_rules.emplace();
  const auto engines = engines_of(kind);
  std::erase_if(*config.engine_rules,
                [&](const EngineRule& rule) { return std::ranges::find(engines, rule.engine) != engines.end(); });
  for (const Prefix& network : networks)
    for (const std::string_view engine : engines) config.engine_rules->push_back(rule_of(kind, engine, network));
}

}  // namespace sonde
