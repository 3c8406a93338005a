#include "core/config/config_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "core/config/config_format.h"
#include "core/config/host_element.h"
#include "core/config/text_rules.h"
#include "core/config/xml_element.h"

namespace sonde {
namespace {

/// One document with the elements that its parts came from, so that a broken rule finds its line.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Config read(const pugi::xml_document& document) {
    const pugi::xml_node root = only_root(document, "sonde");
    const Element element(text_, root, {"version", "readable-by", "set-up"});
    check_format(element);
    Config config;
    config.set_up = element.flag("set-up");
    sections_["sonde"] = root;
    if (const auto node = section(root, "site")) config.site = read_site(node);
    if (const auto node = section(root, "settings")) config.settings = read_settings(node);
    if (const auto node = section(root, "host")) config.host = read_host(text_, node);
    if (const auto node = section(root, "engines")) config.engine_rules = read_rules(node);
    if (const auto node = section(root, "peers"))
      read_items(node, "peer", "peers", [&](auto n) { config.peers.push_back(read_peer(n)); });
    if (const auto node = section(root, "tests"))
      read_items(node, "test", "tests", [&](auto n) { config.tests.push_back(read_test(n)); });
    if (const auto node = section(root, "pauses"))
      read_items(node, "pause", "pauses", [&](auto n) { config.pauses.push_back(read_pause(n)); });
    return config;
  }

  std::size_t offset(const ConfigProblem& problem) const {
    const auto list = items_.find(problem.section);
    const bool in_list = list != items_.end() && problem.index < list->second.size();
    const auto whole = sections_.find(problem.section);
    pugi::xml_node node = in_list                    ? list->second[problem.index]
                          : whole != sections_.end() ? whole->second
                                                     : sections_.at("sonde");
    if (problem.section == "host") return host_offset(text_, node, problem.field);
    std::string attribute = problem.field;
    if (attribute.starts_with("schedule.")) {
      const auto schedule = node.find_child([](pugi::xml_node n) { return is_schedule(n); });
      attribute.erase(0, 9);
      if (schedule) node = schedule;
      if (attribute == "period" && !node.attribute("period")) attribute = "step";
    } else if (attribute.starts_with("options.")) {
      const auto option = node.find_child_by_attribute("option", "name", attribute.c_str() + 8);
      if (option) node = option;
      attribute = "value";
    }
    std::ranges::replace(attribute, '_', '-');
    return offset_of(text_, node, attribute);
  }

 private:
  static bool is_schedule(pugi::xml_node node) {
    const std::string_view name = node.name();
    return name == "every" || name == "continuous" || name == "once" || name == "at";
  }

  pugi::xml_node section(pugi::xml_node root, const char* name) {
    const pugi::xml_node node = root.child(name);
    if (const auto second = node.next_sibling(name))
      throw XmlRefused{offset_of(second), std::string("<") + name + "> stands twice."};
    if (node) sections_[name] = node;
    return node;
  }

  template <typename Take>
  void read_items(pugi::xml_node section, const char* name, const char* list, Take take) {
    const Element none(text_, section, {});
    for (const pugi::xml_node node : section.children(name)) {
      items_[list].push_back(node);
      take(node);
    }
  }

  Site read_site(pugi::xml_node node) {
    const Element e(
        text_, node,
        {"id", "name", "organisation", "place", "latitude", "longitude", "contact", "administrator", "communities"});
    return {e.text("id"),      e.text("name"),          e.text("organisation"),
            e.text("place"),   e.number("latitude"),    e.number("longitude"),
            e.text("contact"), e.text("administrator"), split_list(e.text("communities"))};
  }

  Settings read_settings(pugi::xml_node node) {
    const Element e(text_, node, {"test-ports", "spin", "web-names", "public-reading", "banner", "disk-limit-bytes"});
    Settings settings;
    if (e.has("test-ports")) settings.test_ports = read_ports(e);
    settings.spin = e.duration("spin");
    std::istringstream names(e.text("web-names"));
    for (std::string name; names >> name;) settings.web_names.push_back(name);
    settings.public_reading = e.flag("public-reading");
    settings.banner = e.text("banner");
    settings.disk_limit_octets = e.whole<std::uint64_t>("disk-limit-bytes", 0);
    return settings;
  }

  std::pair<std::uint16_t, std::uint16_t> read_ports(const Element& e) {
    const std::string text = e.text("test-ports");
    std::pair<std::uint16_t, std::uint16_t> ports{};
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, ports.first);
    const bool dash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '-';
    const auto last = dash ? std::from_chars(first.ptr + 1, end, ports.second) : first;
    if (!dash || last.ec != std::errc{} || last.ptr != end)
      e.fail("test-ports", refusal("test-ports", text, "two port numbers, as in 8760-8960"));
    return ports;
  }

  std::vector<EngineRule> read_rules(pugi::xml_node node) {
    std::vector<EngineRule> rules;
    read_items(node, "rule", "engines", [&](pugi::xml_node n) { rules.push_back(read_rule(n)); });
    return rules;
  }

  EngineRule read_rule(pugi::xml_node node) {
    const Element e(text_, node,
                    {"engine", "source", "allow", "packets-per-second", "seconds", "seconds-per-hour", "streams",
                     "sessions", "bytes-per-day"});
    EngineRule rule;
    rule.engine = e.needed("engine");
    const auto source = Prefix::parse(e.needed("source"));
    if (!source)
      e.fail("source",
             refusal("source", e.text("source"), "a prefix without host bits, as in 192.0.2.0/24 or 2001:db8::/32"));
    rule.source = *source;
    e.needed("allow");
    rule.allow = e.flag("allow");
    rule.packets_per_second = e.whole("packets-per-second", rule.packets_per_second);
    rule.seconds = e.whole("seconds", rule.seconds);
    rule.seconds_per_hour = e.whole("seconds-per-hour", rule.seconds_per_hour);
    rule.streams = e.whole("streams", rule.streams);
    rule.sessions = e.whole("sessions", rule.sessions);
    rule.octets_per_day = e.whole("bytes-per-day", rule.octets_per_day);
    return rule;
  }

  Peer read_peer(pugi::xml_node node) {
    const Element e(text_, node, {"id", "name", "address"});
    return {e.needed("id"), e.text("name"), e.needed("address")};
  }

  TestSpec read_test(pugi::xml_node node) {
    const Element e(text_, node,
                    {"id", "revision", "title", "probe", "peer", "family", "source", "dscp", "payload-bytes", "paused",
                     "self-check"});
    TestSpec spec;
    spec.id = e.needed("id");
    spec.revision = e.whole<std::uint32_t>("revision", 1);
    spec.title = e.text("title");
    spec.probe = e.needed("probe");
    spec.peer = e.text("peer");
    spec.family = read_family(e);
    spec.source = e.text("source");
    spec.type_p.dscp = e.whole<std::uint8_t>("dscp", 0);
    spec.type_p.payload_octets = e.whole<std::uint32_t>("payload-bytes", 0);
    spec.paused = e.flag("paused");
    spec.self_check = e.flag("self-check");
    spec.schedule = read_schedule(node);
    spec.options = read_options(node);
    return spec;
  }

  Family read_family(const Element& e) {
    const std::string text = e.text("family");
    if (text != "" && text != "IPv4" && text != "IPv6") e.fail("family", refusal("family", text, "IPv4 or IPv6"));
    return text == "IPv6" ? Family::v6 : Family::v4;
  }

  Schedule read_schedule(pugi::xml_node test) {
    pugi::xml_node found;
    for (const pugi::xml_node node : test.children()) {
      if (!is_schedule(node)) continue;
      if (found) throw XmlRefused{offset_of(node), "A test has one of <every>, <continuous>, <once>, <at>, not two."};
      found = node;
    }
    if (!found)
      throw XmlRefused{
          offset_of(test),
          "A test needs one of <every period=\"5 min\"/>, <continuous step=\"1 min\"/>, <once at=\"...\"/>, "
          "<at times=\"02:00 14:30\"/>."};
    const std::string_view kind = found.name();
    Schedule schedule;
    if (kind == "every") {
      const Element e(text_, found, {"period", "spread"});
      e.needed("period");
      schedule.period = e.duration("period");
      schedule.spread = e.duration("spread");
    } else if (kind == "continuous") {
      const Element e(text_, found, {"step"});
      e.needed("step");
      schedule.kind = Schedule::Kind::continuous;
      schedule.period = e.duration("step");
    } else if (kind == "at") {
      const Element e(text_, found, {"times", "spread"});
      schedule.kind = Schedule::Kind::at;
      schedule.spread = e.duration("spread");
      std::istringstream times(e.needed("times"));
      for (std::string time; times >> time;) schedule.times.push_back(read_time_of_day(e, "times", time));
    } else {
      schedule.kind = Schedule::Kind::once;
      schedule.at = Element(text_, found, {"at"}).time("at");
    }
    return schedule;
  }

  TimeOfDay read_time_of_day(const Element& e, const char* name, const std::string& text) {
    const auto time = parse_time_of_day(text);
    if (!time) e.fail(name, refusal(name, text, "a time of day in UTC, as in 02:00 or 14:30"));
    return *time;
  }

  PauseWindow read_pause(pugi::xml_node node) {
    const Element e(text_, node, {"name", "begin", "end", "days"});
    PauseWindow pause;
    pause.name = e.text("name");
    pause.begin = read_time_of_day(e, "begin", e.needed("begin"));
    pause.end = read_time_of_day(e, "end", e.needed("end"));
    const auto days = parse_days(e.has("days") ? e.text("days") : "daily");
    if (!days) e.fail("days", refusal("days", e.text("days"), "daily, or days as in Mon,Tue,Sun, each once"));
    pause.days = *days;
    return pause;
  }

  Options read_options(pugi::xml_node test) {
    Options options;
    for (const pugi::xml_node node : test.children("option")) {
      const Element e(text_, node, {"name", "value"});
      if (!options.emplace(e.needed("name"), e.needed("value")).second)
        e.fail("name", refusal("option", e.text("name"), "each option once"));
    }
    return options;
  }

  std::string_view text_;
  std::map<std::string, pugi::xml_node> sections_;
  std::map<std::string, std::vector<pugi::xml_node>> items_;
};

}  // namespace

ConfigParsed parse_config(std::string_view text, std::string_view name, Probes probes) {
  text = without_mark(text);
  const auto refused = [&](std::size_t offset, const std::string& sentence) {
    return ConfigParsed{{}, std::string(name) + " " + place(text, offset) + ": " + sentence, false};
  };
  pugi::xml_document document;
  try {
    load_xml(document, text, kMostConfigOctets);
    Reader reader(text);
    Config config = reader.read(document);
    if (const auto problem = check(config, probes)) return refused(reader.offset(*problem), problem->sentence);
    return {std::move(config), {}};
  } catch (const XmlRefused& refusal) {
    ConfigParsed parsed = refused(refusal.offset, refusal.sentence);
    parsed.later = is_of_later_format(document);
    return parsed;
  }
}

}  // namespace sonde
