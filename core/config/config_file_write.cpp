#include <algorithm>
#include <charconv>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "core/base/error.h"
#include "core/config/config_file.h"
#include "core/config/config_format.h"
#include "core/config/host_element.h"
#include "core/config/text_rules.h"
#include "core/config/xml_element.h"

namespace sonde {
namespace {

constexpr unsigned kParse = pugi::parse_default | pugi::parse_comments | pugi::parse_pi | pugi::parse_declaration;

void set(pugi::xml_node node, const char* name, const std::string& value, const std::string& standard = "") {
  set_attribute(node, name, value, standard);
}

void set_flag(pugi::xml_node node, const char* name, bool yes) { set(node, name, yes ? "yes" : "no", "no"); }

std::string number_text(const std::optional<double>& value) {
  if (!value) return "";
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, *value).ptr);
}

void set_degrees(pugi::xml_node node, const char* name, const std::optional<double>& value) {
  if (value)
    set(node, name, number_text(value));
  else
    node.remove_attribute(name);
}

pugi::xml_node section(pugi::xml_node root, const char* name) {
  const pugi::xml_node node = root.child(name);
  return node ? node : root.append_child(name);
}

void write_site(pugi::xml_node node, const Site& site) {
  set(node, "id", site.node_id);
  set(node, "name", site.name);
  set(node, "organisation", site.organisation);
  set(node, "place", site.place);
  set_degrees(node, "latitude", site.latitude);
  set_degrees(node, "longitude", site.longitude);
  set(node, "contact", site.contact);
  set(node, "administrator", site.administrator);
  std::string communities;
  for (const std::string& community : site.communities) communities += (communities.empty() ? "" : ", ") + community;
  set(node, "communities", communities);
}

void write_settings(pugi::xml_node node, const Settings& settings) {
  const auto ports = [](const Settings& s) {
    return std::to_string(s.test_ports.first) + "-" + std::to_string(s.test_ports.second);
  };
  std::string names;
  for (const std::string& name : settings.web_names) names += (names.empty() ? "" : " ") + name;
  set(node, "test-ports", ports(settings), ports(Settings{}));
  set(node, "spin", exact_duration(settings.spin), "0 s");
  set(node, "web-names", names);
  set_flag(node, "public-reading", settings.public_reading);
  set(node, "banner", settings.banner);
  set(node, "disk-limit-bytes", std::to_string(settings.disk_limit_octets), "0");
}

std::string key_of(const EngineRule& rule) { return rule.engine + " " + rule.source.text(); }
std::string key_of(const Peer& peer) { return peer.id; }
std::string key_of(const TestSpec& spec) { return spec.id; }

std::string key_of(const PauseWindow& pause) { return describe(pause); }

std::string key_of_pause(pugi::xml_node node) {
  const auto begin = parse_time_of_day(node.attribute("begin").value());
  const auto end = parse_time_of_day(node.attribute("end").value());
  const auto days = parse_days(node.attribute("days").as_string("daily"));
  return begin && end && days ? key_of(PauseWindow{node.attribute("name").value(), *begin, *end, *days}) : "";
}

std::string key_of(pugi::xml_node node) {
  if (std::string_view(node.name()) == "pause") return key_of_pause(node);
  if (std::string_view(node.name()) != "rule") return node.attribute("id").value();
  const auto prefix = Prefix::parse(node.attribute("source").value());
  return std::string(node.attribute("engine").value()) + " " + (prefix ? prefix->text() : "");
}

void write_item(pugi::xml_node node, const EngineRule& rule) {
  set(node, "engine", rule.engine);
  if (Prefix::parse(node.attribute("source").value()) != rule.source) set(node, "source", rule.source.text());
  set(node, "allow", rule.allow ? "yes" : "no");
  const EngineRule standard;
  set(node, "packets-per-second", std::to_string(rule.packets_per_second), std::to_string(standard.packets_per_second));
  set(node, "seconds", std::to_string(rule.seconds), std::to_string(standard.seconds));
  set(node, "seconds-per-hour", std::to_string(rule.seconds_per_hour), std::to_string(standard.seconds_per_hour));
  set(node, "streams", std::to_string(rule.streams), std::to_string(standard.streams));
  set(node, "sessions", std::to_string(rule.sessions), std::to_string(standard.sessions));
  set(node, "bytes-per-day", std::to_string(rule.octets_per_day), std::to_string(standard.octets_per_day));
}

void write_item(pugi::xml_node node, const Peer& peer) {
  set(node, "id", peer.id);
  set(node, "name", peer.name);
  set(node, "address", peer.address);
}

void write_item(pugi::xml_node node, const PauseWindow& pause) {
  set(node, "name", pause.name);
  set(node, "begin", format_time_of_day(pause.begin));
  set(node, "end", format_time_of_day(pause.end));
  if (parse_days(node.attribute("days").value()) != pause.days) set(node, "days", format_days(pause.days), "daily");
}

std::string times_text(const std::vector<TimeOfDay>& times) {
  std::string text;
  for (const TimeOfDay time : times) text += (text.empty() ? "" : " ") + format_time_of_day(time);
  return text;
}

/// The schedule's element; another kind replaces it in its place.
void write_schedule(pugi::xml_node test, const Schedule& schedule) {
  static constexpr const char* kNames[] = {"every", "continuous", "once", "at"};
  const char* const name = kNames[static_cast<int>(schedule.kind)];
  pugi::xml_node node;
  for (const char* const each : kNames)
    if (const auto found = test.child(each)) node = found;
  if (!node) node = test.prepend_child(name);
  if (std::string_view(node.name()) != name) {
    node.set_name(name);
    node.remove_attributes();
  }
  if (schedule.kind == Schedule::Kind::once) return set(node, "at", format_utc(schedule.at, 9));
  if (schedule.kind == Schedule::Kind::at) {
    set(node, "times", times_text(schedule.times));
    return set(node, "spread", exact_duration(schedule.spread), "0 s");
  }
  const char* const period = schedule.kind == Schedule::Kind::every ? "period" : "step";
  if (parse_duration(node.attribute(period).value()) != schedule.period)
    set(node, period, exact_duration(schedule.period));
  if (schedule.kind == Schedule::Kind::every) set(node, "spread", exact_duration(schedule.spread), "0 s");
}

void write_options(pugi::xml_node test, const Options& options) {
  std::set<std::string> present;
  for (pugi::xml_node node = test.child("option"); node;) {
    const pugi::xml_node next = node.next_sibling("option");
    const auto found = options.find(node.attribute("name").value());
    if (found == options.end()) {
      test.remove_child(node);
    } else {
      set(node, "value", found->second);
      present.insert(found->first);
    }
    node = next;
  }
  for (const auto& [name, value] : options) {
    if (present.contains(name)) continue;
    pugi::xml_node node = test.append_child("option");
    set(node, "name", name);
    node.append_attribute("value").set_value(value.c_str());
  }
}

void write_item(pugi::xml_node node, const TestSpec& spec) {
  set(node, "id", spec.id);
  set(node, "revision", std::to_string(spec.revision), "1");
  set(node, "title", spec.title);
  set(node, "probe", spec.probe);
  set(node, "peer", spec.peer);
  set(node, "family", std::string(to_string(spec.family)));
  set(node, "source", spec.source);
  set(node, "dscp", std::to_string(spec.type_p.dscp), "0");
  set(node, "payload-bytes", std::to_string(spec.type_p.payload_octets), "0");
  set_flag(node, "paused", spec.paused);
  set_flag(node, "self-check", spec.self_check);
  write_schedule(node, spec.schedule);
  write_options(node, spec.options);
}

/// Items keep their elements; new ones come last, those that are gone take theirs along.
template <typename Item>
void write_list(pugi::xml_node list, const char* name, const std::vector<Item>& items) {
  std::map<std::string, const Item*> wanted;
  for (const Item& item : items) wanted.emplace(key_of(item), &item);
  for (pugi::xml_node node = list.child(name); node;) {
    const pugi::xml_node next = node.next_sibling(name);
    const auto found = wanted.find(key_of(node));
    if (found == wanted.end()) {
      list.remove_child(node);
    } else {
      write_item(node, *found->second);
      wanted.erase(found);
    }
    node = next;
  }
  for (const Item& item : items)
    if (wanted.contains(key_of(item))) write_item(list.append_child(name), item);
}

pugi::xml_node root_of(pugi::xml_document& document, std::string_view before) {
  if (!before.empty()) {
    const auto result = document.load_buffer(before.data(), before.size(), kParse, pugi::encoding_utf8);
    if (!result || !document.child("sonde"))
      throw Error("The configuration file cannot be changed: it is not valid now.");
    return document.child("sonde");
  }
  const pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  const pugi::xml_node root = document.append_child("sonde");
  set(root, "version", std::to_string(kConfigFormat));
  return root;
}

void write_machine(pugi::xml_node root, const std::optional<HostSettings>& host) {
  if (!host) {
    root.remove_child("host");
    return;
  }
  pugi::xml_node node = section(root, "host");
  write_host(node, *host);
}

/// Order in the file is the operator's own.
Config sorted(Config config) {
  if (config.engine_rules) std::ranges::sort(*config.engine_rules, {}, [](const EngineRule& r) { return key_of(r); });
  std::ranges::sort(config.peers, {}, &Peer::id);
  std::ranges::sort(config.tests, {}, &TestSpec::id);
  std::ranges::sort(config.pauses, {}, [](const PauseWindow& pause) { return key_of(pause); });
  return config;
}

}  // namespace

std::string write_config(const Config& config, std::string_view before, Probes probes) {
  pugi::xml_document document;
  pugi::xml_node root = root_of(document, before);
  set_flag(root, "set-up", config.set_up);
  write_site(section(root, "site"), config.site);
  write_settings(section(root, "settings"), config.settings);
  write_machine(root, config.host);
  if (config.engine_rules)
    write_list(section(root, "engines"), "rule", *config.engine_rules);
  else
    root.remove_child("engines");
  write_list(section(root, "peers"), "peer", config.peers);
  write_list(section(root, "tests"), "test", config.tests);
  if (!config.pauses.empty() || root.child("pauses")) write_list(section(root, "pauses"), "pause", config.pauses);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  std::string text = out.str();
  const ConfigParsed again = parse_config(text, "the new configuration", probes);
  if (!again.config) throw Error(again.sentence);
  if (sorted(*again.config) != sorted(config))
    throw Error("The configuration was not written: it would not read back as it was.");
  return text;
}

}  // namespace sonde
