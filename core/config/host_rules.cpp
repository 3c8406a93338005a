#include "core/config/host_rules.h"

#include <algorithm>
#include <set>

#include "core/config/text_rules.h"

namespace sonde {
namespace {

using Method = FamilySettings::Method;

/// Keeps the first sentence, with its field below `place`: "measuring." or nothing.
class Check {
 public:
  explicit Check(std::string place = "") : place_(std::move(place)) {}
  Check& sentence(std::string_view field, std::string sentence) {
    if (!problem_ && !sentence.empty()) problem_ = FieldProblem{place_ + std::string(field), std::move(sentence)};
    return *this;
  }
  Check& must(bool ok, std::string_view field, const std::string& value, std::string_view allowed) {
    return ok ? *this : sentence(field, refusal(field, value, allowed));
  }
  void join(std::optional<FieldProblem> problem) {
    if (!problem_) problem_ = std::move(problem);
  }
  std::optional<FieldProblem> take() { return std::move(problem_); }

 private:
  std::string place_;
  std::optional<FieldProblem> problem_;
};

bool is_host(const IpAddress& address) {
  const unsigned first = std::to_integer<unsigned>(address.bytes()[0]);
  const bool odd = address.family() == Family::v4 && (first == 0 || first >= 240);
  return !odd && !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
}

bool all_host_bits(const HostAddress& own, bool set) {
  const auto bytes = own.address.bytes();
  for (int bit = own.length; bit < static_cast<int>(bytes.size()) * 8; ++bit)
    if ((std::to_integer<unsigned>(bytes[static_cast<std::size_t>(bit / 8)]) >> (7 - bit % 8) & 1) != (set ? 1u : 0u))
      return false;
  return true;
}

std::string check_address(std::string_view field, const HostAddress& own, Family family) {
  const bool v4 = family == Family::v4;
  const std::string example = v4 ? "192.0.2.7/24" : "2001:db8::7/64";
  if (own.address.family() != family || own.length == 0)
    return refusal(field, own.text(),
                   "an " + std::string(to_string(family)) + " address with its prefix length, as in " + example);
  if (!is_host(own.address) || own.address.is_link_local())
    return refusal(field, own.text(), "the address of one host that others can reach, as in " + example);
  // with one or two addresses in all there is no room for those of the network itself (RFC 3021, RFC 6164)
  const bool small = static_cast<int>(own.address.bytes().size()) * 8 - own.length <= 1;
  if (!small && all_host_bits(own, false))
    return refusal(field, own.text(), "the host's own address, not that of its network, as in " + example);
  if (!small && v4 && all_host_bits(own, true))
    return refusal(field, own.text(), "the host's own address, not the broadcast address of its network");
  return {};
}

std::string check_gateway(std::string_view field, const IpAddress& gateway, const HostAddress& own) {
  const std::string text = gateway.text();
  if (gateway.family() != own.address.family())
    return refusal(field, text, "an " + std::string(to_string(own.address.family())) + " address");
  if (gateway.scope() != 0) return refusal(field, text, "an address without the name of an interface behind %");
  if (!is_host(gateway)) return refusal(field, text, "the address of one router");
  if (gateway == own.address) return refusal(field, text, "the router's address, not this host's own");
  const bool link_local = gateway.family() == Family::v6 && gateway.is_link_local();
  if (!link_local && !own.network().contains(gateway))
    return refusal(field, text, "an address in the network of this host's own, " + own.network().text());
  return {};
}

void check_family(Check& check, const FamilySettings& family, Family which) {
  const std::string digit = which == Family::v4 ? "4" : "6";
  const std::string address = "address" + digit, gateway = "gateway" + digit;
  if (family.method != Method::fixed) {
    const std::string why = "nothing while ipv" + digit + " is " + std::string(to_string(family.method));
    if (family.address) check.sentence(address, refusal(address, family.address->text(), why));
    if (family.gateway) check.sentence(gateway, refusal(gateway, family.gateway->text(), why));
    return;
  }
  if (!family.address) {
    check.sentence(address, address + " is missing: a fixed address is needed, as in " +
                                (which == Family::v4 ? "192.0.2.7/24" : "2001:db8::7/64") + ", or choose automatic.");
    return;
  }
  check.sentence(address, check_address(address, *family.address, which));
  if (family.gateway) check.sentence(gateway, check_gateway(gateway, *family.gateway, *family.address));
}

bool is_hardware_address(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':'
                   : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos)
      return false;
  // the lowest bit of the first octet means a group
  return std::string_view("02468aceACE").find(text[1]) != std::string_view::npos && text != "00:00:00:00:00:00";
}

std::string check_interface_name(std::string_view field, std::string_view text) {
  static constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool name = text.size() <= 15 && text.find_first_not_of(kAllowed) == std::string_view::npos && text != "." &&
                    text != ".." && text != "lo";
  return name || is_hardware_address(text)
             ? ""
             : refusal(field, text,
                       "an interface as in eth0, its hardware address as in 52:54:00:12:34:56, or nothing");
}

std::optional<FieldProblem> check_interface(const InterfaceSettings& settings, const std::string& place) {
  Check check(place);
  check.sentence("interface", check_interface_name("interface", settings.interface));
  check_family(check, settings.v4, Family::v4);
  check_family(check, settings.v6, Family::v6);
  check.must(settings.v4.method != Method::off || settings.v6.method != Method::off, "ipv6", "off",
             "automatic or fixed, because IPv4 is off, too");
  check.must(settings.vlan <= 4094, "vlan", std::to_string(settings.vlan), "0 (none), or 1 to 4094");
  check.must(settings.mtu == 0 || (settings.mtu >= 1280 && settings.mtu <= 9216), "mtu", std::to_string(settings.mtu),
             "0 (as the interface has it), or 1280, which IPv6 needs, to 9216");
  return check.take();
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// On one wire and VLAN there is one interface; which one "the first with a link" is, is not known here.
std::optional<FieldProblem> check_apart(const InterfaceSettings& measuring, const InterfaceSettings& managing) {
  Check check("managing.");
  const bool same_vlan = measuring.vlan == managing.vlan;
  check.must(
      !same_vlan || (!measuring.interface.empty() && !managing.interface.empty()), "interface", managing.interface,
      "an interface by its name, once the measuring one is chosen by name, too, or a VLAN that the measuring one does "
      "not have");
  check.must(!same_vlan || lower(measuring.interface) != lower(managing.interface), "interface", managing.interface,
             "another interface than the measuring one, or a VLAN of its own");
  for (const auto& [field, mine, other] :
       {std::tuple{"address4", &managing.v4, &measuring.v4}, std::tuple{"address6", &managing.v6, &measuring.v6}}) {
    if (!mine->address || !other->address) continue;
    const bool same = mine->address->network() == other->address->network();
    check.must(!same, field, mine->address->text(), "an address in another network than the measuring interface's");
  }
  return check.take();
}

void check_name_servers(Check& check, const std::vector<IpAddress>& servers) {
  check.must(servers.size() <= kMostNameServers, "name_servers", std::to_string(servers.size()) + " servers",
             "at most 3");
  std::set<IpAddress> seen;
  for (const IpAddress& server : servers) {
    check.must(is_host(server) && server.scope() == 0, "name_servers", server.text(),
               "addresses of hosts, as in 192.0.2.53");
    check.must(seen.insert(server).second, "name_servers", server.text(), "each server once");
  }
}

void check_time_servers(Check& check, const std::vector<std::string>& servers) {
  check.must(servers.size() <= kMostTimeServers, "time_servers", std::to_string(servers.size()) + " servers",
             "at most 8");
  std::set<std::string> seen;
  for (const std::string& server : servers) {
    check.sentence("time_servers", check_host("time_servers", server));
    const auto literal = IpAddress::parse(server);
    check.must(!literal || is_host(*literal), "time_servers", server, "the address of one host");
    check.must(seen.insert(lower(server)).second, "time_servers", server, "each server once");
  }
}

void check_shell_keys(Check& check, const std::vector<std::string>& keys) {
  check.must(keys.size() <= kMostShellKeys, "shell_keys", std::to_string(keys.size()) + " keys", "at most 16");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string field = "shell_keys." + std::to_string(i);
    check.sentence(field, check_shell_key("shell_keys", keys[i]));
    // a key with another remark behind it is still that key
    const std::string key = keys[i].substr(0, keys[i].find(' ', keys[i].find(' ') + 1));
    if (!seen.insert(key).second) check.sentence(field, refusal("shell_keys", keys[i], "each key once"));
  }
}

}  // namespace

std::optional<FieldProblem> check_host_settings(const HostSettings& settings, const std::string& zones) {
  Check check;
  check.sentence("name", check_own_name("name", settings.name));
  check.join(check_interface(settings.measuring, "measuring."));
  if (settings.managing) {
    check.join(check_interface(*settings.managing, "managing."));
    check.join(check_apart(settings.measuring, *settings.managing));
  }
  check_name_servers(check, settings.name_servers);
  check_time_servers(check, settings.time_servers);
  check.sentence("zone", check_zone("zone", settings.zone, zones));
  check_shell_keys(check, settings.shell_keys);
  return check.take();
}

}  // namespace sonde
