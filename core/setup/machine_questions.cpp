#include <algorithm>
#include <charconv>

#include "core/config/text_rules.h"
#include "core/setup/question_table.h"

namespace sonde {
namespace {

using Kind = Question::Kind;
using Need = Question::Need;
using Method = FamilySettings::Method;

/// Where one of the two interfaces stands in a configuration; null = there is none.
struct Place {
  const char* group;
  const char* rules;  ///< "host.measuring."
  InterfaceSettings* (*of)(HostSettings&);
};

constexpr Place kMeasuring = {"network", "host.measuring.", [](HostSettings& host) { return &host.measuring; }};
constexpr Place kManaging = {"management", "host.managing.",
                             [](HostSettings& host) { return host.managing ? &*host.managing : nullptr; }};

InterfaceSettings* find(const Place& place, Config& config) { return config.host ? place.of(*config.host) : nullptr; }

/// Reads with `get`, writes with `set`, where there is such an interface.
template <typename Get, typename Set>
void bind(Question& question, const Place& place, Get get, Set set) {
  question.read = [place, get](const Config& config) -> std::optional<std::string> {
    Config copy;
    copy.host = config.host;
    InterfaceSettings* const settings = find(place, copy);
    return settings ? std::optional<std::string>(get(*settings)) : std::nullopt;
  };
  question.write = [place, set, key = question.key](const std::string& value, Config& config) -> std::string {
    InterfaceSettings* const settings = find(place, config);
    if (!settings) return key + ": there is no interface of its own for this.";
    return set(*settings, value);
  };
}

Question question(const Place& place, const std::string& name, std::string title, std::string help, Kind kind,
                  Need need) {
  Question made{.key = std::string(place.group) + "." + name, .title = std::move(title), .help = std::move(help)};
  made.kind = kind;
  made.need = need;
  made.appliance_only = true;
  made.rules = {place.rules + name};
  if (place.of == kManaging.of) made.when.push_back({"management.same", "no"});
  return made;
}

const FoundInterface* found_interface(const SetupFacts& facts, std::string_view wanted) {
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const auto found = std::ranges::find_if(facts.interfaces, [&](const FoundInterface& one) {
    return one.name == wanted || lower(one.hardware_address) == lower(std::string(wanted));
  });
  return found == facts.interfaces.end() ? nullptr : &*found;
}

std::vector<Question::Choice> interface_choices(const SetupFacts& facts) {
  std::vector<Question::Choice> choices = {{"", "the first one with a link", ""}};
  for (const FoundInterface& one : facts.interfaces) {
    std::string title = one.name;
    for (const std::string& part : {one.hardware_address, one.driver})
      if (!part.empty()) title += " · " + part;
    title += one.link ? " · link" : " · no link";
    if (!one.addresses.empty()) title += " · " + one.addresses.front().text();
    choices.push_back({one.name, title, ""});
  }
  return choices;
}

/// An interface may be named that is plugged in later, but hardly ever is meant.
std::string check_interface_is_there(const std::string& value, const SetupFacts& facts) {
  if (value.empty() || facts.interfaces.empty() || found_interface(facts, value)) return {};
  std::vector<std::string> names;
  for (const FoundInterface& one : facts.interfaces) names.push_back(one.name);
  return refusal("interface", value, "one that this host has: " + list_text(names));
}

/// A name and a hardware address may mean the same one.
std::string check_two_interfaces(const std::string& value, const Answers& answers, const SetupFacts& facts) {
  if (auto sentence = check_interface_is_there(value, facts); !sentence.empty()) return sentence;
  const auto answer = [&](const char* key) {
    const auto found = answers.find(key);
    return found == answers.end() ? std::string() : found->second;
  };
  const auto vlan = [&](const char* key) { return answer(key).empty() ? "0" : answer(key); };
  const FoundInterface* const mine = found_interface(facts, value);
  const bool same = mine && mine == found_interface(facts, answer("network.interface"));
  if (!same || vlan("network.vlan") != vlan("management.vlan")) return {};
  return refusal("interface", value, "another interface than the measuring one, or a VLAN of its own");
}

Question interface_question(const Place& place) {
  Question made = question(place, "interface", "Interface", "", Kind::choice, Need::recommended);
  made.choices = interface_choices;
  bind(
      made, place, [](InterfaceSettings& s) { return s.interface; },
      [](InterfaceSettings& s, const std::string& value) {
        s.interface = value;
        return std::string();
      });
  const bool second = place.of == kManaging.of;
  made.check = [second](const std::string& value, const Answers& answers, const SetupFacts& facts) {
    return second ? check_two_interfaces(value, answers, facts) : check_interface_is_there(value, facts);
  };
  return made;
}

FamilySettings& family_of(InterfaceSettings& settings, Family family) {
  return family == Family::v4 ? settings.v4 : settings.v6;
}

std::vector<Question::Choice> method_choices(Family family) {
  const bool v4 = family == Family::v4;
  return {{"automatic", "Automatic", v4 ? "By DHCP." : "By router advertisements and DHCPv6."},
          {"fixed", "Fixed", "An address that you give."},
          {"off", "Off", std::string("No ") + std::string(to_string(family)) + " on this interface."}};
}

Question method_question(const Place& place, Family family) {
  const std::string name = family == Family::v4 ? "ipv4" : "ipv6";
  Question made = question(place, name, std::string(to_string(family)), "", Kind::choice, Need::recommended);
  made.choices = [family](const SetupFacts&) { return method_choices(family); };
  made.suggest = [](const SetupFacts&) { return std::string("automatic"); };
  bind(
      made, place, [family](InterfaceSettings& s) { return std::string(to_string(family_of(s, family).method)); },
      [family, name](InterfaceSettings& s, const std::string& value) -> std::string {
        const auto method = method_from(value.empty() ? "automatic" : value);
        if (!method) return refusal(name, value, "automatic, fixed or off");
        FamilySettings& settings = family_of(s, family);
        if (*method == Method::fixed)
          settings.method = Method::fixed;
        else
          settings = {.method = *method};
        return {};
      });
  return made;
}

/// Of the interface with a link that has one: what DHCP gave is often what is to be fixed.
std::string present_address(const SetupFacts& facts, Family family) {
  for (const FoundInterface& one : facts.interfaces)
    for (const HostAddress& own : one.addresses)
      if (one.link && own.address.family() == family && !own.address.is_link_local()) return own.text();
  return {};
}

Question address_question(const Place& place, Family family) {
  const bool v4 = family == Family::v4;
  const std::string name = v4 ? "address4" : "address6", example = v4 ? "192.0.2.7/24" : "2001:db8::7/64";
  Question made = question(place, name, std::string(to_string(family)) + " address",
                           "With the length of its network's prefix, as " + example + ".", Kind::address, Need::must);
  made.when.push_back({std::string(place.group) + (v4 ? ".ipv4" : ".ipv6"), "fixed"});
  if (place.of == kMeasuring.of)
    made.suggest = [family](const SetupFacts& facts) { return present_address(facts, family); };
  bind(
      made, place,
      [family](InterfaceSettings& s) {
        const auto& address = family_of(s, family).address;
        return address ? address->text() : "";
      },
      [family, name, example](InterfaceSettings& s, const std::string& value) -> std::string {
        const auto address = HostAddress::parse(value);
        if (!address && !value.empty())
          return refusal(name, value, "an address with its prefix length, as in " + example);
        family_of(s, family).address = address;
        return {};
      });
  return made;
}

Question gateway_question(const Place& place, Family family) {
  const bool v4 = family == Family::v4;
  const std::string name = v4 ? "gateway4" : "gateway6", example = v4 ? "192.0.2.1" : "2001:db8::1 or fe80::1";
  Question made = question(place, name, std::string(to_string(family)) + " router",
                           "As " + example + ". Empty: only this network is reached.", Kind::text, Need::recommended);
  made.when.push_back({std::string(place.group) + (v4 ? ".ipv4" : ".ipv6"), "fixed"});
  bind(
      made, place,
      [family](InterfaceSettings& s) {
        const auto& gateway = family_of(s, family).gateway;
        return gateway ? gateway->text() : "";
      },
      [family, name, example](InterfaceSettings& s, const std::string& value) -> std::string {
        const auto gateway = IpAddress::parse(value);
        if (!gateway && !value.empty()) return refusal(name, value, "an address, as in " + example);
        family_of(s, family).gateway = gateway;
        return {};
      });
  return made;
}

template <typename Number>
Question number_question(const Place& place, const std::string& name, std::string title, std::string help,
                         Number InterfaceSettings::*field) {
  Question made = question(place, name, std::move(title), std::move(help), Kind::number, Need::optional);
  bind(
      made, place, [field](InterfaceSettings& s) { return s.*field == 0 ? std::string() : std::to_string(s.*field); },
      [field, name](InterfaceSettings& s, const std::string& value) -> std::string {
        Number number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (!value.empty() && (error != std::errc{} || end != value.data() + value.size()))
          return refusal(name, value, "a whole number, or nothing");
        s.*field = number;
        return {};
      });
  return made;
}

void add_interface(std::vector<Question>& out, const Place& place) {
  Question vlan =
      number_question(place, "vlan", "VLAN", "Its number, 1 to 4094. Empty: untagged.", &InterfaceSettings::vlan);
  // Which interface may manage depends on its VLAN: that one is asked before it.
  const bool second = place.of == kManaging.of;
  if (second) out.push_back(vlan);
  out.push_back(interface_question(place));
  for (const Family family : {Family::v4, Family::v6}) {
    out.push_back(method_question(place, family));
    out.push_back(address_question(place, family));
    out.push_back(gateway_question(place, family));
  }
  if (!second) out.push_back(std::move(vlan));
  out.push_back(number_question(place, "mtu", "MTU", "1280 to 9216 bytes. Empty: as the interface has it.",
                                &InterfaceSettings::mtu));
}

/// What stands in the machine's settings but not in one interface's.
template <typename Get, typename Set>
void bind_host(Question& question, Get get, Set set) {
  question.appliance_only = true;
  question.read = [get](const Config& config) -> std::optional<std::string> {
    return config.host ? std::optional<std::string>(get(*config.host)) : std::nullopt;
  };
  question.write = [set, key = question.key](const std::string& value, Config& config) -> std::string {
    return config.host ? set(*config.host, value) : key + ": this host's own settings are not Sonde's.";
  };
}

Question name_servers_question() {
  Question made{.key = "network.name_servers", .title = "Name servers", .kind = Kind::list, .need = Need::recommended};
  made.help = "Up to 3 addresses. Empty: those that DHCP or the router names; with fixed addresses there are none.";
  made.rules = {"host.name_servers"};
  bind_host(
      made,
      [](const HostSettings& host) {
        std::vector<std::string> servers;
        for (const IpAddress& server : host.name_servers) servers.push_back(server.text());
        return list_text(servers);
      },
      [](HostSettings& host, const std::string& value) -> std::string {
        std::vector<IpAddress> servers;
        for (const std::string& one : split_list(value)) {
          const auto server = IpAddress::parse(one);
          if (!server)
            return refusal("name_servers", one, "addresses with commas between, as in 192.0.2.53, 2001:db8::53");
          servers.push_back(*server);
        }
        host.name_servers = std::move(servers);
        return {};
      });
  return made;
}

Question same_question() {
  Question made{.key = "management.same", .title = "The measuring interface serves the page, too"};
  made.help = "No: an interface of its own, so that tests and the page do not disturb each other.";
  made.kind = Kind::yes_no;
  made.need = Need::recommended;
  made.suggest = [](const SetupFacts&) { return std::string("yes"); };
  bind_host(
      made, [](const HostSettings& host) { return std::string(host.managing ? "no" : "yes"); },
      [](HostSettings& host, const std::string& value) {
        if (value != "no")
          host.managing.reset();
        else if (!host.managing)
          host.managing.emplace();
        return std::string();
      });
  return made;
}

Question keys_question() {
  Question made{.key = "management.shell_keys", .title = "Keys for a remote shell", .kind = Kind::lines};
  made.help =
      "OpenSSH public keys, one a line (on the console with commas between), up to 16. One that is not typed on the "
      "console counts once it was let in there (k). Empty: no remote shell.";
  made.rules = {"host.shell_keys"};
  bind_host(
      made, [](const HostSettings& host) { return list_text(host.shell_keys); },
      [](HostSettings& host, const std::string& value) {
        host.shell_keys = split_list(value);
        return std::string();
      });
  return made;
}

Question time_servers_question() {
  Question made{.key = "time.servers", .title = "Time servers", .kind = Kind::list, .need = Need::recommended};
  made.help = "Up to 8 names or addresses. Empty: those of DHCP, else Debian's pool.";
  made.rules = {"host.time_servers"};
  bind_host(
      made, [](const HostSettings& host) { return list_text(host.time_servers); },
      [](HostSettings& host, const std::string& value) {
        host.time_servers = split_list(value);
        return std::string();
      });
  return made;
}

Question zone_question() {
  Question made{.key = "time.zone", .title = "Time zone", .help = "As UTC or Europe/Zurich.", .kind = Kind::zone};
  made.need = Need::recommended;
  made.rules = {"host.zone"};
  made.suggest = [](const SetupFacts& facts) { return facts.zone; };
  made.check = [](const std::string& value, const Answers&, const SetupFacts& facts) {
    return value.empty() ? "" : check_zone("zone", value, facts.zones);
  };
  bind_host(
      made, [](const HostSettings& host) { return host.zone; },
      [](HostSettings& host, const std::string& value) {
        host.zone = value.empty() ? "UTC" : value;
        return std::string();
      });
  return made;
}

Question name_question() {
  Question made{.key = "host.name", .title = "Name of this node"};
  made.help = "As other nodes and people call it; best its host name.";
  made.need = Need::must;
  made.rules = {"site.name", "host.name"};
  made.suggest = [](const SetupFacts& facts) { return facts.host_name; };
  made.read = [](const Config& config) -> std::optional<std::string> { return config.site.name; };
  made.write = [](const std::string& value, Config& config) {
    config.site.name = value;
    if (config.host) config.host->name = value;
    return std::string();
  };
  made.check = [](const std::string& value, const Answers&, const SetupFacts&) { return check_host("name", value); };
  return made;
}

}  // namespace

std::vector<Question> machine_questions() {
  std::vector<Question> all;
  all.push_back(name_question());
  add_interface(all, kMeasuring);
  all.push_back(name_servers_question());
  all.push_back(same_question());
  add_interface(all, kManaging);
  all.push_back(keys_question());
  all.push_back(time_servers_question());
  all.push_back(zone_question());
  return all;
}

}  // namespace sonde
