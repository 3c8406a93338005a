#include "core/setup/answers.h"

#include <algorithm>

#include "core/config/rules.h"
#include "core/config/text_rules.h"

namespace sonde {
namespace {

using Kind = Question::Kind;

/// The part of a configuration that answers can change: the rest is checked where it is changed.
Config answerable(const Config& config, const SetupFacts& facts) {
  Config part;
  part.site = config.site;
  part.engine_rules = config.engine_rules;
  part.host = config.host;
  if (facts.appliance && !part.host) part.host.emplace();
  return part;
}

std::string check_choice(const Question& question, const std::string& value, const SetupFacts& facts) {
  // of interfaces the names are offered, but a hardware address is as good
  if (!question.choices || question.name() == "interface") return {};
  std::vector<std::string> values;
  for (const Question::Choice& choice : question.choices(facts)) values.push_back(choice.value);
  if (std::ranges::find(values, value) != values.end()) return {};
  return refusal(question.name(), value, "one of " + list_text(values));
}

std::string check_alone(const Question& question, const std::string& value, const Answers& all,
                        const SetupFacts& facts) {
  if (question.kind == Kind::yes_no && value != "yes" && value != "no")
    return refusal(question.name(), value, "yes or no");
  if (auto sentence = check_choice(question, value, facts); !sentence.empty()) return sentence;
  return question.check ? question.check(value, all, facts) : std::string();
}

std::string not_asked(const Question& question, const SetupFacts& facts) {
  if (question.appliance_only && !facts.appliance)
    return question.key + " is asked on the appliance only: here the host's own set-up decides it.";
  std::string when;
  for (const auto& [key, value] : question.when) when += (when.empty() ? "" : " and ") + key + " is " + value;
  return question.key + " is asked only when " + when + ".";
}

std::optional<AnswerProblem> unknown_key(const Answers& answers) {
  for (const auto& [key, value] : answers)
    if (!find_question(key))
      return AnswerProblem{key, refusal("question", key, "the key of a question, as in host.name or network.ipv4")};
  return std::nullopt;
}

Answers joined(Answers present, const Answers& given) {
  for (const auto& [key, value] : given) present[key] = value;
  return present;
}

std::optional<AnswerProblem> missing(const Question& question, const Answers& all, const SetupFacts& facts) {
  if (question.need != Question::Need::must || !is_asked(question, all, facts)) return std::nullopt;
  const auto answer = all.find(question.key);
  if (answer != all.end() && !answer->second.empty()) return std::nullopt;
  std::string sentence = question.key + " is missing";
  if (!question.when.empty())
    sentence += ", which " + question.when.back().key + " \"" + question.when.back().value + "\" needs";
  return AnswerProblem{question.key, sentence + "."};
}

std::optional<AnswerProblem> write(const Answers& answers, const Answers& all, const SetupFacts& facts,
                                   Config& config) {
  for (const Question& question : questions()) {
    // what an answer makes necessary is missed where that answer is given
    const bool called_for = std::ranges::any_of(question.when, [&](const auto& c) { return answers.contains(c.key); });
    if (called_for)
      if (auto problem = missing(question, all, facts)) return problem;
    const auto given = answers.find(question.key);
    if (given == answers.end()) continue;
    const std::string& value = given->second;
    if (!is_asked(question, all, facts)) {
      if (value.empty()) continue;
      return AnswerProblem{question.key, not_asked(question, facts)};
    }
    std::string sentence = check_alone(question, value, all, facts);
    if (sentence.empty() && question.write) sentence = question.write(value, config);
    if (!sentence.empty()) return AnswerProblem{question.key, std::move(sentence)};
  }
  return std::nullopt;
}

/// The question whose answer a rule of core/config is about.
std::string key_of(const ConfigProblem& problem) {
  const std::string rule = problem.section + "." + problem.field;
  for (const Question& question : questions())
    for (const std::string& each : question.rules)
      if (rule == each || rule.starts_with(each + ".")) return question.key;
  return rule;
}

}  // namespace

std::string with_title(const AnswerProblem& problem) {
  const Question* const question = find_question(problem.key);
  if (!question) return problem.sentence;
  for (const std::string& name : {question->key, std::string(question->name())})
    if (problem.sentence.starts_with(name + " ")) return question->title + problem.sentence.substr(name.size());
  return problem.sentence;
}

Answers answers_of(const Config& config, const SetupFacts& facts) {
  const Config part = answerable(config, facts);
  Answers answers;
  // conditions name questions that stand before the one they are for
  for (const Question& question : questions()) {
    if (!question.read || !is_asked(question, answers, facts)) continue;
    if (auto answer = question.read(part)) answers[question.key] = std::move(*answer);
  }
  return answers;
}

std::string suggestion(const Question& question, const Answers& present, const SetupFacts& facts) {
  const auto answer = present.find(question.key);
  if (answer != present.end() && !answer->second.empty()) return answer->second;
  return question.suggest ? question.suggest(facts) : std::string();
}

std::optional<AnswerProblem> apply(const Answers& answers, const SetupFacts& facts, Config& config) {
  if (auto problem = unknown_key(answers)) return problem;
  Config part = answerable(config, facts);
  if (auto problem = write(answers, joined(answers_of(config, facts), answers), facts, part)) return problem;
  if (const auto broken = check(part, {})) return AnswerProblem{key_of(*broken), broken->sentence};
  config.site = part.site;
  config.engine_rules = part.engine_rules;
  config.host = part.host;
  return std::nullopt;
}

std::optional<AnswerProblem> missing_answer(const Answers& answers, const SetupFacts& facts) {
  for (const Question& question : questions())
    if (auto problem = missing(question, answers, facts)) return problem;
  return std::nullopt;
}

std::string check_answer(const std::string& key, const std::string& value, const Answers& others,
                         const SetupFacts& facts, const Config& config) {
  Answers all = others;
  all[key] = value;
  for (;;) {
    Config scratch = config;
    const auto problem = apply(all, facts, scratch);
    if (!problem) return {};
    if (problem->key == key) return with_title(*problem);
    if (all.erase(problem->key) == 0) return {};
  }
}

}  // namespace sonde
