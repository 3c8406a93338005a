#include "core/setup/answers.h"

#include <catch2/catch.hpp>

#include "test/support/setup_facts.h"
#include "test/support/shell_key.h"

using namespace sonde;
using namespace sonde::test;

namespace {

Answers all_of_an_appliance() {
  return {{"host.name", "sonde-gva.example.org"},
          {"network.interface", "eth0"},
          {"network.ipv4", "fixed"},
          {"network.address4", "192.0.2.7/24"},
          {"network.gateway4", "192.0.2.1"},
          {"network.ipv6", "fixed"},
          {"network.address6", "2001:db8::7/64"},
          {"network.gateway6", "fe80::1"},
          {"network.vlan", "7"},
          {"network.mtu", "9000"},
          {"network.name_servers", "192.0.2.53, 2001:db8::53"},
          {"management.same", "no"},
          {"management.interface", "eth1"},
          {"management.ipv4", "fixed"},
          {"management.address4", "198.51.100.7/24"},
          {"management.gateway4", ""},
          {"management.ipv6", "off"},
          {"management.vlan", ""},
          {"management.mtu", ""},
          {"management.shell_keys", made_shell_key() + ", " + made_shell_key("other")},
          {"time.servers", "ntp.example.org, 192.0.2.123"},
          {"time.zone", "Europe/Zurich"},
          {"site.organisation", "Example, Research"},
          {"site.place", "Geneva"},
          {"site.contact", "noc@example.org"},
          {"site.administrator", "A. N. Other"},
          {"site.communities", "LHC, US ATLAS"},
          {"site.latitude", "46.2"},
          {"site.longitude", "6.15"},
          {"engines.light", "networks"},
          {"engines.light_networks", "192.0.2.0/24, 2001:db8::/32"},
          {"engines.throughput", "nobody"}};
}

Config made_of(const Answers& answers, const SetupFacts& facts = appliance_facts()) {
  Config config;
  const auto problem = apply(answers, facts, config);
  INFO((problem ? problem->key + ": " + problem->sentence : ""));
  REQUIRE_FALSE(problem);
  return config;
}

AnswerProblem refused(const Answers& answers, const SetupFacts& facts = appliance_facts(), Config config = {}) {
  const Config before = config;
  const auto problem = apply(answers, facts, config);
  CHECK(config == before);
  return problem.value_or(AnswerProblem{});
}

}  // namespace

TEST_CASE("all answers become the configuration, and the configuration gives them back") {
  const Answers answers = all_of_an_appliance();
  const Config config = made_of(answers);
  REQUIRE(config.host);
  CHECK(config.host->name == "sonde-gva.example.org");
  CHECK(config.site.name == "sonde-gva.example.org");
  CHECK(config.host->measuring.v6.gateway->text() == "fe80::1");
  CHECK(config.host->managing->interface == "eth1");
  CHECK(config.host->shell_keys.size() == 2);
  CHECK(config.site.communities == std::vector<std::string>{"LHC", "US ATLAS"});
  CHECK(config.engine_rules->size() == 8);
  CHECK(answers_of(config, appliance_facts()) == answers);
}

TEST_CASE("only what is named changes") {
  const Config before = made_of(all_of_an_appliance());
  Config after = before;
  CHECK_FALSE(apply({{"site.place", "Lyon"}}, appliance_facts(), after));
  CHECK(after.site.place == "Lyon");
  after.site.place = before.site.place;
  CHECK(after == before);
  CHECK_FALSE(apply({}, appliance_facts(), after));
  CHECK(after == before);
}

TEST_CASE("no answer touches tests, peers, settings, or whether the node is set up") {
  Config config;
  config.set_up = true;
  config.peers = {{"p", "", "192.0.2.7"}};
  config.settings.banner = "test system";
  const Config before = config;
  CHECK_FALSE(apply(all_of_an_appliance(), appliance_facts(), config));
  CHECK(config.set_up);
  CHECK(config.peers == before.peers);
  CHECK(config.settings == before.settings);
}

TEST_CASE("an interface that becomes automatic forgets its address, and one that becomes fixed needs one") {
  Config config = made_of(all_of_an_appliance());
  CHECK_FALSE(apply({{"network.ipv4", "automatic"}}, appliance_facts(), config));
  CHECK_FALSE(config.host->measuring.v4.address);
  CHECK_FALSE(config.host->measuring.v4.gateway);
  CHECK(config.host->measuring.v6.address);
  const auto problem = refused({{"network.ipv4", "fixed"}}, appliance_facts(), config);
  CHECK(problem.key == "network.address4");
  CHECK(problem.sentence.find("missing") != std::string::npos);
}

TEST_CASE("a managing VLAN is asked before the interface, which may then be the measuring one") {
  const Answers own{{"management.same", "no"}};
  const auto refused_as = [](const std::string& key, const std::string& value, const Answers& others) {
    return check_answer(key, value, others, appliance_facts(), {});
  };
  CHECK(refused_as("management.interface", "eth0", own).starts_with("Interface \"eth0\": allowed is an interface"));
  CHECK(refused_as("management.vlan", "20", own).empty());
  Answers with_vlan = own;
  with_vlan["management.vlan"] = "20";
  CHECK(refused_as("management.interface", "eth0", with_vlan).empty());
  const auto place = [](std::string_view key) { return find_question(key) - questions().data(); };
  CHECK(place("management.vlan") < place("management.interface"));
}

TEST_CASE("a latitude may be emptied before the longitude is") {
  Config config;
  config.site.latitude = 46.2;
  config.site.longitude = 6.1;
  CHECK(check_answer("site.latitude", "", {}, appliance_facts(), config).empty());
  CHECK(check_answer("site.longitude", "", {{"site.latitude", ""}}, appliance_facts(), config).empty());
  CHECK(check_answer("site.longitude", "6", {{"site.latitude", ""}}, appliance_facts(), config)
            .starts_with("Longitude \"6.0"));
}

TEST_CASE("managing by the measuring interface forgets the other one") {
  Config config = made_of(all_of_an_appliance());
  CHECK_FALSE(apply({{"management.same", "yes"}}, appliance_facts(), config));
  CHECK_FALSE(config.host->managing);
  // on a VLAN of its own it may share the wire
  Config other = config;
  CHECK_FALSE(apply({{"management.same", "no"}}, appliance_facts(), other));
  config.host->measuring.vlan = 0;
  CHECK(refused({{"management.same", "no"}}, appliance_facts(), config).key == "management.interface");
}

TEST_CASE("every answer that cannot be taken is refused at its key, and nothing is changed") {
  struct Break {
    const char *key, *value, *at, *sentence;
  };
  const auto each = GENERATE(values<Break>({
      {"host.name", "a b", "host.name", "allowed is a host name"},
      {"host.name", "a_b", "host.name", "at most 64 letters"},
      {"host.name", "", "host.name", "allowed is a host name"},
      {"network.interface", "eth9", "network.interface", "one that this host has: eth0, eth1"},
      {"network.interface", "52:54:00:12:34:57", "management.interface", "another interface than the measuring one"},
      {"network.ipv4", "auto", "network.ipv4", "one of automatic, fixed, off"},
      {"network.ipv4", "off", "network.address4", "asked only when network.ipv4 is fixed"},
      {"network.address4", "192.0.2.7", "network.address4", "with its prefix length"},
      {"network.address4", "192.0.2.255/24", "network.address4", "broadcast"},
      {"network.address4", "", "network.address4", "network.address4 is missing"},
      {"network.gateway4", "198.51.100.1", "network.gateway4", "in the network of this host's own, 192.0.2.0/24"},
      {"network.gateway6", "router", "network.gateway6", "allowed is an address"},
      {"network.vlan", "4095", "network.vlan", "1 to 4094"},
      {"network.vlan", "7x", "network.vlan", "a whole number"},
      {"network.mtu", "1279", "network.mtu", "1280"},
      {"network.mtu", "-1", "network.mtu", "a whole number"},
      {"network.name_servers", "ns.example.org", "network.name_servers", "addresses with commas"},
      {"network.name_servers", "192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4", "network.name_servers", "at most 3"},
      {"management.same", "perhaps", "management.same", "yes or no"},
      {"management.interface", "eth0", "management.interface", "another interface than the measuring one"},
      {"management.address4", "192.0.2.8/24", "management.address4", "in another network"},
      {"management.shell_keys", "hello", "management.shell_keys", "one OpenSSH public key"},
      {"time.servers", "a/b", "time.servers", "allowed is a host name"},
      {"time.zone", "../etc", "time.zone", "the name of a time zone"},
      {"site.contact", "nobody", "site.contact", "an e-mail address"},
      {"site.latitude", "north", "site.latitude", "a number of degrees"},
      {"site.latitude", "91", "site.latitude", "-90 to 90"},
      {"site.latitude", "", "site.longitude", "both latitude and longitude"},
      {"site.communities", "LHC, LHC", "site.communities", "each community once"},
      {"site.place", " Geneva", "site.place", "without blanks"},
      {"engines.light", "everybody", "engines.light", "one of nobody, networks, anyone"},
      {"engines.light_networks", "192.0.2.1/24", "engines.light_networks", "a prefix without host bits"},
      {"engines.light_networks", "", "engines.light_networks", "missing"},
      {"engines.throughput_networks", "192.0.2.0/24", "engines.throughput_networks", "asked only when"},
      {"administrator.user", "", "administrator.user", "1 to 64 characters"},
      {"administrator.user", "a\nb", "administrator.user", "one line"},
      {"administrator.password", "short", "administrator.password", "10 to 200 characters"},
      {"data.device", "sdz", "data.device", "one of sda, sdb, memory"},
      {"host.nmae", "x", "host.nmae", "the key of a question"},
  }));
  Answers answers = all_of_an_appliance();
  answers[each.key] = each.value;
  // with a VLAN of its own one wire may do
  if (std::string_view(each.at) == "management.interface") answers["network.vlan"] = "";
  const AnswerProblem problem = refused(answers);
  INFO(each.key << " = " << each.value << " gave " << problem.key << ": " << problem.sentence);
  CHECK(problem.key == each.at);
  CHECK(problem.sentence.find(each.sentence) != std::string::npos);
}

TEST_CASE("a host whose machine is not ours refuses answers about it and gets none") {
  for (const char* key : {"network.ipv4", "management.same", "time.zone", "data.device"})
    CHECK(refused({{key, "off"}}, ordinary_facts()).sentence.find("on the appliance only") != std::string::npos);
  const Config config = made_of({{"host.name", "gva.example.org"}}, ordinary_facts());
  CHECK_FALSE(config.host);
  CHECK_FALSE(answers_of(config, ordinary_facts()).contains("network.ipv4"));
}

TEST_CASE("what must be answered is missed, one after the other") {
  Answers answers;
  std::vector<std::string> missed;
  while (const auto problem = missing_answer(answers, appliance_facts())) {
    missed.push_back(problem->key);
    answers[problem->key] = "x";
  }
  CHECK(missed == std::vector<std::string>{"host.name", "administrator.user", "administrator.password", "data.device"});
  CHECK(missing_answer({{"host.name", "x"}, {"network.ipv4", "fixed"}}, appliance_facts())->key == "network.address4");
}

TEST_CASE("one answer is checked beside the others, whose own mistakes hide nothing") {
  const SetupFacts facts = appliance_facts();
  const auto told = [&](const char* key, const char* value, const Answers& others) {
    return check_answer(key, value, others, facts, Config{});
  };
  CHECK(told("site.contact", "noc@example.org", {{"host.name", "a b"}}).empty());
  CHECK_FALSE(told("site.contact", "nobody", {{"host.name", "a b"}, {"network.mtu", "x"}}).empty());
  const Answers fixed = {{"network.ipv4", "fixed"}, {"network.address4", "192.0.2.7/24"}, {"network.mtu", "x"}};
  CHECK(told("network.gateway4", "192.0.2.1", fixed).empty());
  CHECK(told("network.gateway4", "198.51.100.1", fixed).find("192.0.2.0/24") != std::string::npos);
  CHECK(told("network.ipv4", "fixed", {}).empty());
  CHECK(told("administrator.password", "somebody12", {{"administrator.user", "somebody12"}}).find("user's name") !=
        std::string::npos);
  CHECK_FALSE(told("no.such", "x", {}).empty());
}
