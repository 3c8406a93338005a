#include "core/config/host_element.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "core/config/text_rules.h"
#include "core/config/xml_element.h"

namespace sonde {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

FamilySettings read_family(const Element& e, char digit) {
  const std::string name = std::string("ipv") + digit, address = std::string("address") + digit,
                    gateway = std::string("gateway") + digit;
  FamilySettings family;
  if (e.has(name.c_str())) {
    const auto method = method_from(e.text(name.c_str()));
    if (!method) e.fail(name, refusal(name, e.text(name.c_str()), "automatic, fixed or off"));
    family.method = *method;
  }
  if (e.has(address.c_str())) {
    const std::string text = e.text(address.c_str());
    family.address = HostAddress::parse(text);
    if (!family.address)
      e.fail(address,
             refusal(address, text, "an address with its prefix length, as in 192.0.2.7/24 or 2001:db8::7/64"));
  }
  if (e.has(gateway.c_str())) {
    const std::string text = e.text(gateway.c_str());
    family.gateway = IpAddress::parse(text);
    if (!family.gateway) e.fail(gateway, refusal(gateway, text, "an address, as in 192.0.2.1 or fe80::1"));
  }
  return family;
}

InterfaceSettings read_interface(std::string_view text, const pugi::xml_node& node) {
  const Element e(text, node,
                  {"interface", "ipv4", "address4", "gateway4", "ipv6", "address6", "gateway6", "vlan", "mtu"});
  InterfaceSettings settings;
  settings.interface = e.text("interface");
  settings.v4 = read_family(e, '4');
  settings.v6 = read_family(e, '6');
  settings.vlan = e.whole<std::uint16_t>("vlan", 0);
  settings.mtu = e.whole<std::uint32_t>("mtu", 0);
  return settings;
}

pugi::xml_node only_child(const pugi::xml_node& node, const char* name) {
  const pugi::xml_node child = node.child(name);
  if (const auto second = child.next_sibling(name))
    throw XmlRefused{offset_of(second), std::string("<") + name + "> stands twice."};
  return child;
}

void write_family(pugi::xml_node& node, const FamilySettings& family, const std::string& digit) {
  set_attribute(node, ("ipv" + digit).c_str(), std::string(to_string(family.method)), "automatic");
  const auto write = [&](const std::string& name, const std::string& value) {
    if (value.empty())
      node.remove_attribute(name.c_str());
    else
      set_attribute(node, name.c_str(), value);
  };
  // spellings of the same address stay
  const auto address = node.attribute(("address" + digit).c_str());
  if (!family.address || HostAddress::parse(address.value()) != family.address)
    write("address" + digit, family.address ? family.address->text() : "");
  const auto gateway = node.attribute(("gateway" + digit).c_str());
  if (!family.gateway || IpAddress::parse(gateway.value()) != family.gateway)
    write("gateway" + digit, family.gateway ? family.gateway->text() : "");
}

void write_interface(pugi::xml_node& host, const char* name, const InterfaceSettings& settings) {
  pugi::xml_node node = host.child(name) ? host.child(name) : host.append_child(name);
  set_attribute(node, "interface", settings.interface);
  write_family(node, settings.v4, "4");
  write_family(node, settings.v6, "6");
  set_attribute(node, "vlan", std::to_string(settings.vlan), "0");
  set_attribute(node, "mtu", std::to_string(settings.mtu), "0");
}

template <typename Item>
std::string joined(const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) {
    if (!out.empty()) out += ' ';
    if constexpr (std::is_same_v<Item, std::string>)
      out += item;
    else
      out += item.text();
  }
  return out;
}

void write_keys(pugi::xml_node& host, const std::vector<std::string>& keys) {
  pugi::xml_node node = host.child("shell-key");
  for (const std::string& key : keys) {
    if (!node) node = host.append_child("shell-key");
    set_attribute(node, "key", key);
    node = node.next_sibling("shell-key");
  }
  while (node) {
    const pugi::xml_node next = node.next_sibling("shell-key");
    host.remove_child(node);
    node = next;
  }
}

}  // namespace

HostSettings read_host(std::string_view text, const pugi::xml_node& node) {
  const Element e(text, node, {"name", "name-servers", "time-servers", "zone"});
  HostSettings settings;
  settings.name = e.text("name");
  for (const std::string& word : words(e.text("name-servers"))) {
    const auto server = IpAddress::parse(word);
    if (!server)
      e.fail("name-servers",
             refusal("name-servers", word, "addresses with blanks between, as in 192.0.2.53 2001:db8::53"));
    settings.name_servers.push_back(*server);
  }
  settings.time_servers = words(e.text("time-servers"));
  if (e.has("zone")) settings.zone = e.text("zone");
  if (const auto child = only_child(node, "measuring")) settings.measuring = read_interface(text, child);
  if (const auto child = only_child(node, "managing")) settings.managing = read_interface(text, child);
  for (const pugi::xml_node key : node.children("shell-key"))
    settings.shell_keys.push_back(Element(text, key, {"key"}).needed("key"));
  return settings;
}

std::size_t host_offset(std::string_view text, const pugi::xml_node& node, std::string_view field) {
  pugi::xml_node at = node;
  std::string attribute(field);
  const auto dot = attribute.find('.');
  if (dot != std::string::npos) {
    const std::string place = attribute.substr(0, dot), rest = attribute.substr(dot + 1);
    const bool is_key = place == "shell_keys";
    at = node.child(is_key ? "shell-key" : place.c_str());
    for (int n = is_key ? std::stoi(rest) : 0; n > 0 && at; --n) at = at.next_sibling("shell-key");
    attribute = is_key ? "key" : rest;
  }
  std::ranges::replace(attribute, '_', '-');
  return offset_of(text, at ? at : node, attribute);
}

void write_host(pugi::xml_node& node, const HostSettings& settings) {
  set_attribute(node, "name", settings.name);
  set_attribute(node, "name-servers", joined(settings.name_servers));
  set_attribute(node, "time-servers", joined(settings.time_servers));
  set_attribute(node, "zone", settings.zone, "UTC");
  write_interface(node, "measuring", settings.measuring);
  if (settings.managing)
    write_interface(node, "managing", *settings.managing);
  else
    node.remove_child("managing");
  write_keys(node, settings.shell_keys);
}

}  // namespace sonde
