#include "core/setup/question.h"

#include <catch2/catch.hpp>
#include <set>

#include "core/setup/answers.h"
#include "test/support/setup_facts.h"

using namespace sonde;
using namespace sonde::test;

TEST_CASE("each question stands in a group that there is, once, with a title") {
  std::set<std::string> keys, groups;
  std::string last;
  for (const QuestionGroup& group : question_groups()) groups.emplace(group.key);
  for (const Question& question : questions()) {
    INFO(question.key);
    CHECK(keys.insert(question.key).second);
    CHECK(groups.contains(std::string(question.group())));
    CHECK_FALSE(question.title.empty());
    CHECK(question.read.operator bool() == question.write.operator bool());
    CHECK((question.kind == Question::Kind::choice) == static_cast<bool>(question.choices));
    CHECK(find_question(question.key) == &question);
  }
  CHECK(find_question("host.nmae") == nullptr);
}

TEST_CASE("the questions of a group stand together, in the order of the groups") {
  std::vector<std::string> seen, wanted;
  for (const Question& question : questions())
    if (seen.empty() || seen.back() != question.group()) seen.emplace_back(question.group());
  for (const QuestionGroup& group : question_groups()) wanted.emplace_back(group.key);
  CHECK(seen == wanted);
}

TEST_CASE("a condition names a question that was asked before") {
  std::set<std::string> before;
  for (const Question& question : questions()) {
    for (const auto& condition : question.when) {
      INFO(question.key << " when " << condition.key);
      CHECK(before.contains(condition.key));
    }
    before.insert(question.key);
  }
}

TEST_CASE("a host whose machine is not ours to set is asked for nothing of it") {
  std::set<std::string> groups;
  const Answers answers = {{"management.same", "no"}, {"network.ipv4", "fixed"}, {"engines.light", "networks"}};
  for (const Question& question : questions())
    if (is_asked(question, answers, ordinary_facts())) groups.emplace(question.group());
  CHECK(groups == std::set<std::string>{"host", "site", "engines", "administrator"});
}

TEST_CASE("an address is asked for only where it is fixed, of the second interface only where there is one") {
  const auto asked = [](const char* key, const Answers& answers) {
    return is_asked(*find_question(key), answers, appliance_facts());
  };
  CHECK_FALSE(asked("network.address4", {}));
  CHECK_FALSE(asked("network.address4", {{"network.ipv4", "automatic"}}));
  CHECK(asked("network.address4", {{"network.ipv4", "fixed"}}));
  CHECK_FALSE(asked("management.address4", {{"management.ipv4", "fixed"}}));
  CHECK_FALSE(asked("management.address4", {{"management.ipv4", "fixed"}, {"management.same", "yes"}}));
  CHECK(asked("management.address4", {{"management.ipv4", "fixed"}, {"management.same", "no"}}));
}

TEST_CASE("what the host knows is suggested, and what was answered comes first") {
  const auto suggested = [](const char* key, const Answers& present, const SetupFacts& facts) {
    return suggestion(*find_question(key), present, facts);
  };
  CHECK(suggested("host.name", {}, appliance_facts()) == "sonde");
  CHECK(suggested("host.name", {{"host.name", "gva"}}, appliance_facts()) == "gva");
  CHECK(suggested("network.address4", {}, appliance_facts()) == "192.0.2.7/24");
  CHECK(suggested("network.address6", {}, appliance_facts()).empty());
  CHECK(suggested("engines.light_networks", {}, appliance_facts()) == "192.0.2.0/24");
  CHECK(suggested("data.device", {}, appliance_facts()) == "sdb");
  SetupFacts bare = appliance_facts();
  bare.disks[1].ours = false;
  bare.networks.clear();
  CHECK(suggested("data.device", {}, bare) == "memory");
  CHECK(suggested("engines.light", {}, bare) == "nobody");
}

TEST_CASE("a place for data tells what becomes of what it holds") {
  SetupFacts facts = appliance_facts();
  facts.disks[0].content = kEmptyDisk;
  facts.disks.push_back({"sdc", "", 8'000'000'000, "1 partition: ntfs \"C\""});
  const auto choices = find_question("data.device")->choices(facts);
  REQUIRE(choices.size() == facts.disks.size() + 1);
  CHECK(choices[0].say == "It is empty and will be formatted.");
  CHECK(choices[1].say == "It holds " + facts.disks[1].content + "; that is kept.");
  CHECK(choices[2].say == "It holds 1 partition: ntfs \"C\"; all of that will be deleted.");
  CHECK(choices[3].say == "Everything measured is lost when the machine stops.");
}

TEST_CASE("every suggestion is one that would be taken") {
  const SetupFacts facts = appliance_facts();
  Answers answers;
  for (const Question& question : questions()) {
    if (!is_asked(question, answers, facts) || question.kind == Question::Kind::password) continue;
    answers[question.key] = suggestion(question, {}, facts);
  }
  Config config;
  const auto problem = apply(answers, facts, config);
  INFO((problem ? problem->key + ": " + problem->sentence : ""));
  CHECK_FALSE(problem);
}
