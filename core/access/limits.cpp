#include "core/access/limits.h"

#include <algorithm>

namespace sonde {
namespace {

constexpr std::string_view kLight[] = {"owamp", "twamp", "stamp", "ping"};

EngineRule loopback_rule(const char* prefix) {
  EngineRule rule;
  rule.engine = "*";
  rule.source = *Prefix::parse(prefix);
  rule.allow = true;
  rule.packets_per_second = 100'000;
  rule.seconds_per_hour = 3600;
  rule.streams = 128;
  rule.sessions = 1000;
  rule.octets_per_day = 1'000'000'000'000;
  return rule;
}

EngineRule light_rule(std::string_view engine, const Prefix& network) {
  EngineRule rule;
  rule.engine = engine;
  rule.source = network;
  rule.allow = true;
  rule.packets_per_second = 100;
  return rule;
}

Prefix without_host_bits(const Prefix& prefix) {
  Bytes bytes(prefix.address.bytes().begin(), prefix.address.bytes().end());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::clamp(prefix.length - static_cast<int>(i) * 8, 0, 8);
    bytes[i] &= static_cast<std::byte>(0xff << (8 - kept));
  }
  const bool v4 = prefix.address.family() == Family::v4;
  const std::span<const std::byte> all(bytes);
  return {v4 ? IpAddress::v4(all.first<4>()) : IpAddress::v6(all.first<16>()), prefix.length};
}

}  // namespace

Limits::Limits(const Config& config, ConfigStore::Source source, std::vector<Prefix> on_link) {
  const bool trusted = source != ConfigStore::Source::none;
  if (trusted && config.engine_rules) {
    state_ = State::configured;
    rules_ = *config.engine_rules;
  } else if (trusted && !config.set_up) {
    state_ = State::no_configuration;
    for (const Prefix& network : on_link)
      for (const std::string_view engine : kLight) rules_.push_back(light_rule(engine, network));
  }
}

Allowance Limits::lookup(std::string_view engine, const IpAddress& source) const {
  static const EngineRule kLoopback[] = {loopback_rule("127.0.0.0/8"), loopback_rule("::1/128")};
  const EngineRule* best = nullptr;
  const auto rank = [](const EngineRule& rule) { return std::pair(rule.source.length, rule.engine != "*"); };
  for (const EngineRule& rule : rules_) {
    if ((rule.engine != engine && rule.engine != "*") || !rule.source.contains(source)) continue;
    if (!best || rank(rule) > rank(*best)) best = &rule;
  }
  for (const EngineRule& rule : kLoopback)
    if (!best && rule.source.contains(source)) best = &rule;
  if (!best)
    return {.why = source.text() + " may not use " + std::string(engine) + ": no row of the limits table names it. " +
                   sentence()};
  const std::string row = "row " + best->engine + " " + best->source.text() + " of the limits table";
  if (!best->allow) return {.why = source.text() + " may not use " + std::string(engine) + ": " + row + " refuses it."};
  return {.allowed = true,
          .packets_per_second = best->packets_per_second,
          .seconds = best->seconds,
          .streams = best->streams,
          .sessions = best->sessions,
          .octets_per_day = best->octets_per_day,
          .why = "allowed by " + row,
          .seconds_per_hour = best->seconds_per_hour};
}

std::string Limits::sentence() const {
  switch (state_) {
    case State::no_configuration:
      return "Nothing is configured yet: this host may use every engine, networks on its links the light ones up to "
             "100 packets/s.";
    case State::configured:
      return "The table decides; who is not in it is refused, but for this host itself.";
    case State::absent:
      return "There is no limits table: only this host may use the engines.";
  }
  return {};
}

std::vector<Prefix> on_link_networks(const std::vector<InterfaceState>& interfaces) {
  std::vector<Prefix> networks;
  for (const InterfaceState& interface : interfaces) {
    if (interface.loopback || !interface.up) continue;
    for (const Prefix& address : interface.addresses) {
      const Prefix network = without_host_bits(address);
      if (network.length > 0 && std::ranges::find(networks, network) == networks.end()) networks.push_back(network);
    }
  }
  return networks;
}

}  // namespace sonde
