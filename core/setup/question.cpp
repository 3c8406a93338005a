#include "core/setup/question.h"

#include <algorithm>

#include "core/setup/question_table.h"

namespace sonde {
namespace {

constexpr QuestionGroup kGroups[] = {
    {"host", "This host", ""},
    {"network", "Network", "The interface that measures. Automatic suits most places."},
    {"management", "Management", "How people reach this node's page."},
    {"time", "Time", "Measurements are kept in UTC; the zone is for reading."},
    {"site", "Who and where", ""},
    {"engines", "Who may use this node's engines", ""},
    {"administrator", "First administrator", ""},
    {"data", "Data", "Where measurements are kept."},
};

std::vector<Question> all_questions() {
  std::vector<Question> all = machine_questions();
  std::ranges::move(node_questions(), std::back_inserter(all));
  return all;
}

}  // namespace

std::span<const QuestionGroup> question_groups() { return kGroups; }

std::span<const Question> questions() {
  static const std::vector<Question> all = all_questions();
  return all;
}

const Question* find_question(std::string_view key) {
  const auto found = std::ranges::find(questions(), key, &Question::key);
  return found == questions().end() ? nullptr : &*found;
}

std::string_view to_string(Question::Kind kind) {
  static constexpr std::string_view kNames[] = {"text",    "mail", "choice", "yes_no", "address", "number",
                                                "degrees", "list", "lines",  "zone",   "password"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Question::Need need) {
  static constexpr std::string_view kNames[] = {"must", "recommended", "optional"};
  return kNames[static_cast<std::size_t>(need)];
}

bool is_asked(const Question& question, const Answers& answers, const SetupFacts& facts) {
  if (question.appliance_only && !facts.appliance) return false;
  return std::ranges::all_of(question.when, [&](const Question::Condition& condition) {
    const auto answer = answers.find(condition.key);
    return answer != answers.end() && answer->second == condition.value;
  });
}

std::string list_text(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

}  // namespace sonde
