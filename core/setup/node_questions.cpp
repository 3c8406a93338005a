#include <algorithm>
#include <charconv>

#include "core/access/password.h"
#include "core/base/quantity.h"
#include "core/config/text_rules.h"
#include "core/setup/engine_answers.h"
#include "core/setup/question_table.h"

namespace sonde {
namespace {

using Kind = Question::Kind;
using Need = Question::Need;

template <typename Find>
Question site_text(const char* name, const char* title, const char* help, Kind kind, Need need, Find find) {
  Question made{.key = std::string("site.") + name, .title = title, .help = help, .kind = kind, .need = need};
  made.rules = {made.key};
  made.read = [find](const Config& config) -> std::optional<std::string> { return config.site.*find; };
  made.write = [find](const std::string& value, Config& config) {
    config.site.*find = value;
    return std::string();
  };
  return made;
}

Question degrees_question(const char* name, const char* title, const char* help, std::optional<double> Site::*field) {
  Question made{.key = std::string("site.") + name, .title = title, .help = help, .kind = Kind::degrees};
  made.rules = {made.key};
  made.read = [field](const Config& config) -> std::optional<std::string> {
    const auto& value = config.site.*field;
    if (!value) return "";
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof text, *value).ptr);
  };
  made.write = [field, name](const std::string& value, Config& config) -> std::string {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (!value.empty() && (error != std::errc{} || end != value.data() + value.size()))
      return refusal(name, value, "a number of degrees, as in 46.2, or nothing");
    config.site.*field = value.empty() ? std::nullopt : std::optional(number);
    return {};
  };
  return made;
}

Question communities_question() {
  Question made{.key = "site.communities", .title = "Communities", .kind = Kind::list};
  made.help = "Whom this node measures for, with commas between, as LHC, US ATLAS. Up to 32.";
  made.rules = {made.key};
  made.read = [](const Config& config) -> std::optional<std::string> { return list_text(config.site.communities); };
  made.write = [](const std::string& value, Config& config) {
    config.site.communities = split_list(value);
    return std::string();
  };
  return made;
}

void add_site(std::vector<Question>& all) {
  all.push_back(site_text("organisation", "Organisation", "", Kind::text, Need::recommended, &Site::organisation));
  all.push_back(site_text("place", "Place", "City, building or rack: what a reader of a graph needs.", Kind::text,
                          Need::recommended, &Site::place));
  all.push_back(site_text("contact", "E-mail of whoever answers for it",
                          "Shown to those who are logged in, never to the public.", Kind::mail, Need::recommended,
                          &Site::contact));
  all.push_back(site_text("administrator", "Name of whoever answers for it",
                          "Shown to those who are logged in, never to the public.", Kind::text, Need::optional,
                          &Site::administrator));
  all.push_back(communities_question());
  all.push_back(degrees_question("latitude", "Latitude", "Degrees north.", &Site::latitude));
  all.push_back(degrees_question("longitude", "Longitude", "Degrees east.", &Site::longitude));
}

std::string networks_text(std::span<const Prefix> networks) {
  std::vector<std::string> texts;
  for (const Prefix& network : networks) texts.push_back(network.text());
  return list_text(texts);
}

std::vector<Question::Choice> from_choices(const SetupFacts& facts) {
  const std::string own = networks_text(facts.networks);
  return {{"nobody", "Nobody", "Only this node starts tests."},
          {"networks", "These networks", own.empty() ? "" : "Prefilled with this host's own: " + own},
          {"anyone", "Anyone", "Each source within its limits; the limits can be seen and changed on This node."}};
}

Question from_question(const char* name, const char* title, const char* help, EngineKind kind, const char* first) {
  Question made{.key = std::string("engines.") + name, .title = title, .help = help, .kind = Kind::choice};
  made.need = Need::recommended;
  made.choices = from_choices;
  made.suggest = [first](const SetupFacts& facts) {
    return std::string(facts.networks.empty() && first == std::string_view("networks") ? "nobody" : first);
  };
  made.read = [kind](const Config& config) { return engines_from(config, kind); };
  made.write = [kind](const std::string& value, Config& config) {
    if (value == "anyone")
      allow_engines(config, kind, any_network());
    else if (value != "networks" || engines_from(config, kind) != "networks")
      allow_engines(config, kind, {});
    return std::string();
  };
  return made;
}

Question networks_question(const char* name, const char* of, EngineKind kind) {
  Question made{.key = std::string("engines.") + name, .title = "Networks", .kind = Kind::list, .need = Need::must};
  made.help = "One or more, as 192.0.2.0/24, with commas between.";
  made.when = {{std::string("engines.") + of, "networks"}};
  made.suggest = [](const SetupFacts& facts) { return networks_text(facts.networks); };
  made.read = [kind](const Config& config) -> std::optional<std::string> {
    return networks_text(engine_networks(config, kind));
  };
  made.write = [kind, name](const std::string& value, Config& config) -> std::string {
    std::vector<Prefix> networks;
    const std::vector<std::string> words = split_list(value);
    for (const std::string& one : words) {
      const auto network = Prefix::parse(one);
      if (!network) return refusal(name, one, "a prefix without host bits, as in 192.0.2.0/24 or 2001:db8::/32");
      if (std::ranges::find(networks, *network) == networks.end()) networks.push_back(*network);
    }
    if (networks.empty()) return refusal(name, value, "at least one prefix, as in 192.0.2.0/24; or choose nobody");
    if (words.size() > 64) return refusal(name, std::to_string(words.size()) + " networks", "at most 64");
    allow_engines(config, kind, networks);
    return {};
  };
  return made;
}

void add_engines(std::vector<Question>& all) {
  all.push_back(from_question("light", "Answer light tests from", "OWAMP, ping and their like: a few packets a second.",
                              EngineKind::light, "networks"));
  all.push_back(networks_question("light_networks", "light", EngineKind::light));
  all.push_back(from_question("throughput", "Answer throughput tests from",
                              "They fill the line while they run. At most 60 s, 6 streams, UDP 50 Mbit/s, 4 an hour "
                              "from a source.",
                              EngineKind::throughput, "nobody"));
  all.push_back(networks_question("throughput_networks", "throughput", EngineKind::throughput));
}

void add_administrator(std::vector<Question>& all) {
  Question user{.key = "administrator.user", .title = "Name", .need = Need::must};
  user.suggest = [](const SetupFacts&) { return std::string("admin"); };
  user.check = [](const std::string& value, const Answers&, const SetupFacts&) {
    return value.empty() ? refusal("user", value, "1 to 64 characters") : check_line("user", value, 64);
  };
  all.push_back(std::move(user));
  Question password{.key = "administrator.password", .title = "Password", .kind = Kind::password, .need = Need::must};
  password.help = "At least 10 characters. There is no default password.";
  password.check = [](const std::string& value, const Answers& answers, const SetupFacts&) {
    const auto name = answers.find("administrator.user");
    return check_password(name == answers.end() ? "" : name->second, value);
  };
  all.push_back(std::move(password));
}

std::vector<Question::Choice> disk_choices(const SetupFacts& facts) {
  std::vector<Question::Choice> choices;
  for (const FoundDisk& disk : facts.disks) {
    std::string title = disk.name;
    if (!disk.title.empty()) title += " · " + disk.title;
    title += " · " + with_prefix(static_cast<double>(disk.octets), "B");
    choices.push_back({disk.name, title,
                       disk.ours                    ? "It holds " + disk.content + "; that is kept."
                       : disk.content == kEmptyDisk ? "It is empty and will be formatted."
                                                    : "It holds " + disk.content + "; all of that will be deleted."});
  }
  choices.push_back({kInMemory, "Memory only", "Everything measured is lost when the machine stops."});
  return choices;
}

Question data_question() {
  Question made{.key = "data.device", .title = "Keep data on", .kind = Kind::choice, .need = Need::must};
  made.appliance_only = true;
  made.choices = disk_choices;
  made.suggest = [](const SetupFacts& facts) -> std::string {
    const auto ours = std::ranges::find(facts.disks, true, &FoundDisk::ours);
    return ours == facts.disks.end() ? kInMemory : ours->name;
  };
  return made;
}

}  // namespace

std::vector<Question> node_questions() {
  std::vector<Question> all;
  add_site(all);
  add_engines(all);
  add_administrator(all);
  all.push_back(data_question());
  return all;
}

}  // namespace sonde
