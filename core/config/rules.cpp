#include "core/config/rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/config/day_cost.h"
#include "core/config/host_rules.h"
#include "core/config/test_rules.h"
#include "core/config/text_rules.h"

namespace sonde {
namespace {

using Problem = std::optional<ConfigProblem>;

/// Collects the first sentence; what comes later is not looked at.
class Check {
 public:
  Check(std::string section, std::size_t index) : section_(std::move(section)), index_(index) {}
  /// For checks of a whole: keeps the first sentence that is not empty.
  Check& sentence(std::string_view field, std::string sentence) {
    if (!problem_ && !sentence.empty())
      problem_ = ConfigProblem{section_, index_, std::string(field), std::move(sentence)};
    return *this;
  }
  Check& must(bool ok, std::string_view field, const std::string& value, std::string_view allowed) {
    return ok ? *this : sentence(field, refusal(field, value, allowed));
  }
  template <typename T>
  Check& range(std::string_view field, T value, T least, T most) {
    return must(value >= least && value <= most, field, std::to_string(value),
                "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  Problem take() { return std::move(problem_); }

 private:
  std::string section_;
  std::size_t index_;
  Problem problem_;
};

bool is_node_id(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string degrees(const std::optional<double>& value) { return value ? std::to_string(*value) : ""; }

bool within(const std::optional<double>& value, double most) { return !value || (*value >= -most && *value <= most); }

Problem check_communities(const std::vector<std::string>& communities) {
  Check check("site", 0);
  check.must(communities.size() <= kMostCommunities, "communities", std::to_string(communities.size()) + " communities",
             "at most 32");
  std::set<std::string> seen;
  for (const std::string& community : communities) {
    const bool whole = !community.empty() && community.find(',') == std::string::npos;
    check.must(whole, "communities", community, "names without a comma in them");
    check.sentence("communities", check_line("communities", community, 64));
    check.must(seen.insert(community).second, "communities", community, "each community once");
  }
  return check.take();
}

Problem check_site(const Site& site) {
  if (auto problem = check_communities(site.communities)) return problem;
  return Check("site", 0)
      .must(site.node_id.empty() || is_node_id(site.node_id), "id", site.node_id, "32 digits of 0-9 and a-f")
      .sentence("name", check_line("name", site.name, 253))
      .sentence("organisation", check_line("organisation", site.organisation, 200))
      .sentence("place", check_line("place", site.place, 200))
      .must(within(site.latitude, 90), "latitude", degrees(site.latitude), "degrees from -90 to 90")
      .must(within(site.longitude, 180), "longitude", degrees(site.longitude), "degrees from -180 to 180")
      .must(site.latitude.has_value() == site.longitude.has_value(), "longitude", degrees(site.longitude),
            "both latitude and longitude, or neither")
      .sentence("contact", check_mail("contact", site.contact))
      .sentence("administrator", check_line("administrator", site.administrator, 200))
      .take();
}

Problem check_web_names(const std::vector<std::string>& names) {
  Check check("settings", 0);
  check.must(names.size() <= 32, "web_names", std::to_string(names.size()) + " names", "at most 32");
  std::set<std::string> seen;
  for (const std::string& name : names) {
    check.sentence("web_names", check_host_name("web_names", name));
    check.must(seen.insert(name).second, "web_names", name, "each name once");
  }
  return check.take();
}

Problem check_settings(const Settings& settings) {
  const auto [first, last] = settings.test_ports;
  const std::string ports = std::to_string(first) + "-" + std::to_string(last);
  Check check("settings", 0);
  check.must(first >= 1024 && last >= first && last - first >= 15, "test_ports", ports,
             "a range of at least 16 ports between 1024 and 65535, as in 8760-8960");
  check.must(settings.spin >= Duration::zero() && settings.spin <= std::chrono::milliseconds(1), "spin",
             exact_duration(settings.spin), "a time from 0 s to 1 ms");
  const std::uint64_t limit = settings.disk_limit_octets;
  check.must(limit == 0 || (limit >= 64'000'000 && limit <= 1'000'000'000'000'000), "disk_limit_bytes",
             std::to_string(limit), "0 (what is free less 10 %), or 64000000 to 1000000000000000 bytes");
  check.sentence("banner", check_line("banner", settings.banner, 200));
  if (auto problem = check.take()) return problem;
  return check_web_names(settings.web_names);
}

Problem check_rule(const EngineRule& rule, std::size_t index) {
  static constexpr std::string_view kEngines[] = {"owamp", "ping", "twamp", "stamp", "throughput", "*"};
  Check check("engines", index);
  check.must(std::ranges::find(kEngines, rule.engine) != std::end(kEngines), "engine", rule.engine,
             "one of owamp, ping, twamp, stamp, throughput, *");
  if (!rule.allow) return check.take();
  check.range<std::uint32_t>("packets_per_second", rule.packets_per_second, 1, 1'000'000);
  check.range<std::uint32_t>("seconds", rule.seconds, 1, 86'400);
  check.range<std::uint32_t>("seconds_per_hour", rule.seconds_per_hour, 1, 3600);
  check.range<std::uint32_t>("streams", rule.streams, 1, 128);
  check.range<std::uint32_t>("sessions", rule.sessions, 1, 10'000);
  check.range<std::uint64_t>("bytes_per_day", rule.octets_per_day, 1, 1'000'000'000'000'000);
  return check.take();
}

Problem check_rules(const std::vector<EngineRule>& rules) {
  if (rules.size() > kMostRules)
    return ConfigProblem{"engines", 0, "", refusal("rules", std::to_string(rules.size()), "at most 1000")};
  std::set<std::pair<std::string, Prefix>> seen;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (auto problem = check_rule(rules[i], i)) return problem;
    if (!seen.insert({rules[i].engine, rules[i].source}).second)
      return ConfigProblem{"engines", i, "source",
                           refusal("source", rules[i].source.text(), "each prefix once for an engine")};
  }
  return {};
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// One key for all spellings of an address: "2001:DB8::0" is "2001:db8::".
std::string address_key(const std::string& address) {
  const auto literal = IpAddress::parse(address);
  return literal ? literal->text() : lower(address);
}

std::string check_peer_address(const std::string& text) {
  if (auto sentence = check_host("address", text); !sentence.empty()) return sentence;
  const auto literal = IpAddress::parse(text);
  if (literal && (literal->is_unspecified() || literal->is_multicast() || literal->is_broadcast()))
    return refusal("address", text, "the address of one host");
  return {};
}

Problem check_peers(const std::vector<Peer>& peers) {
  if (peers.size() > kMostPeers)
    return ConfigProblem{"peers", kMostPeers, "", refusal("peers", std::to_string(peers.size()), "at most 1000 peers")};
  std::set<std::string> ids, names;
  std::map<std::string, std::string> addresses;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const Peer& peer = peers[i];
    Check check("peers", i);
    check.sentence("id", check_id("id", peer.id));
    check.must(ids.insert(peer.id).second, "id", peer.id, "an id that no other peer has");
    check.sentence("name", check_line("name", peer.name, 100));
    check.must(peer.name.empty() || names.insert(peer.name).second, "name", peer.name, "a name that no other peer has");
    check.sentence("address", check_peer_address(peer.address));
    const auto [at, is_new] = addresses.emplace(address_key(peer.address), peer.id);
    check.must(is_new, "address", peer.address, "an address that no other peer has; peer " + at->second + " has it");
    if (auto problem = check.take()) return problem;
  }
  return {};
}

Problem check_tests(const Config& config, Probes probes) {
  if (config.tests.size() > kMostTests)
    return ConfigProblem{"tests", kMostTests, "",
                         refusal("tests", std::to_string(config.tests.size()), "at most 5000 tests")};
  std::map<std::string, const Peer*> peers;
  for (const Peer& peer : config.peers) peers.emplace(peer.id, &peer);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < config.tests.size(); ++i) {
    const TestSpec& spec = config.tests[i];
    const auto peer = peers.find(spec.peer);
    Check check("tests", i);
    if (auto problem = check_test(spec, peer == peers.end() ? nullptr : peer->second, probes))
      check.sentence(problem->field, problem->sentence);
    check.must(ids.insert(spec.id).second, "id", spec.id, "an id that no other test has");
    if (auto problem = check.take()) return problem;
  }
  return {};
}

Problem check_pauses(const std::vector<PauseWindow>& pauses) {
  if (pauses.size() > kMostPauseWindows)
    return ConfigProblem{"pauses", kMostPauseWindows, "",
                         refusal("pauses", std::to_string(pauses.size()), "at most 32 pauses")};
  std::set<std::string> seen;
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    const PauseWindow& pause = pauses[i];
    Check check("pauses", i);
    check.sentence("name", check_line("name", pause.name, 100));
    check.must(pause.begin < TimeOfDay(1440), "begin", format_time_of_day(pause.begin), "a time from 00:00 to 23:59");
    check.must(pause.end != pause.begin && pause.end != TimeOfDay(0), "end", format_time_of_day(pause.end),
               "another time than the begin, or 24:00 for the end of the day");
    check.must(pause.days >= 1 && pause.days <= 0x7f, "days", format_days(pause.days), "at least one day of the week");
    check.must(seen.insert(describe(pause)).second, "begin", describe(pause), "each pause once");
    if (auto problem = check.take()) return problem;
  }
  return {};
}

/// Told at the last heavy test: the one that was added is the likeliest.
Problem check_day(const Config& config, Probes probes) {
  const DayCost day = day_cost(config, probes);
  if (day.share <= kMostOfDay) return {};
  std::size_t last = 0;
  for (std::size_t i = 0; i < config.tests.size(); ++i)
    if (slot_seconds_per_day(config.tests[i], probes) > 0) last = i;
  return ConfigProblem{"tests", last, "schedule", overfull(day)};
}

}  // namespace

const ProbeType* find_probe(Probes probes, std::string_view name) {
  const auto found = std::ranges::find_if(probes, [&](const ProbeType* type) { return type->name == name; });
  return found == probes.end() ? nullptr : *found;
}

std::optional<ConfigProblem> check(const Config& config, Probes probes) {
  if (auto problem = check_site(config.site)) return problem;
  if (auto problem = check_settings(config.settings)) return problem;
  if (config.host) {
    if (auto problem = check_host_settings(*config.host))
      return ConfigProblem{"host", 0, problem->field, problem->sentence};
  }
  if (config.engine_rules) {
    if (auto problem = check_rules(*config.engine_rules)) return problem;
  }
  if (auto problem = check_peers(config.peers)) return problem;
  if (auto problem = check_tests(config, probes)) return problem;
  if (auto problem = check_pauses(config.pauses)) return problem;
  return check_day(config, probes);
}

bool begins_new_revision(const TestSpec& before, const TestSpec& after, const ProbeType& type) {
  const auto step = [](const TestSpec& spec) {
    return spec.schedule.kind == Schedule::Kind::continuous ? spec.schedule.period : Duration{};
  };
  if (step(before) != step(after) || before.type_p != after.type_p || before.family != after.family ||
      before.peer != after.peer || before.source != after.source)
    return true;
  return std::ranges::any_of(type.options, [&](const OptionSpec& spec) {
    return spec.identity && option(type, before, spec.name) != option(type, after, spec.name);
  });
}

void carry_revisions(const Config& running, Config& next, Probes probes) {
  std::map<std::string, const TestSpec*> known;
  for (const TestSpec& spec : running.tests) known.emplace(spec.id, &spec);
  const auto moved = [&](const std::string& id) {
    const Peer *before = running.peer(id), *after = next.peer(id);
    return before && after && address_key(before->address) != address_key(after->address);
  };
  for (TestSpec& spec : next.tests) {
    const auto found = known.find(spec.id);
    const ProbeType* type = find_probe(probes, spec.probe);
    if (found == known.end() || !type) continue;
    const TestSpec& before = *found->second;
    const bool is_new = begins_new_revision(before, spec, *type) || moved(spec.peer);
    spec.revision = std::max(spec.revision, before.revision + (is_new ? 1 : 0));
  }
}

}  // namespace sonde
