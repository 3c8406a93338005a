#include "web/api/setup_questions.h"

#include <algorithm>

#include "core/config/text_rules.h"
#include "web/api/reply.h"

namespace sonde::web {
namespace {

void write_choices(JsonWriter& out, const Question& question, const SetupFacts& facts) {
  out.key("choices").begin_array();
  if (question.choices)
    for (const Question::Choice& choice : question.choices(facts))
      out.begin_object()
          .field("value", choice.value)
          .field("title", choice.title)
          .field("say", choice.say)
          .end_object();
  out.end_array();
}

void write_question(JsonWriter& out, const Question& question, const Answers& present, const SetupFacts& facts) {
  out.begin_object().field("key", question.key).field("title", question.title).field("help", question.help);
  out.field("kind", to_string(question.kind)).field("need", to_string(question.need));
  out.field("suggestion", suggestion(question, present, facts));
  write_choices(out, question, facts);
  out.key("when").begin_array();
  for (const auto& [key, value] : question.when)
    out.begin_object().field("key", key).field("value", value).end_object();
  out.end_array().end_object();
}

std::vector<const Question*> shown(std::string_view group, const SetupFacts& facts, bool later) {
  std::vector<const Question*> found;
  for (const Question& question : questions())
    if (question.group() == group && (facts.appliance || !question.appliance_only) &&
        !(later && is_answered_once(question)))
      found.push_back(&question);
  return found;
}

}  // namespace

bool is_answered_once(const Question& question) { return !question.read; }

void write_questions(JsonWriter& out, const Answers& present, const SetupFacts& facts, bool later) {
  out.begin_array();
  for (const QuestionGroup& group : question_groups()) {
    const auto asked = shown(group.key, facts, later);
    if (asked.empty()) continue;
    out.begin_object().field("key", group.key).field("title", group.title).field("help", group.help);
    out.key("questions").begin_array();
    for (const Question* question : asked) write_question(out, *question, present, facts);
    out.end_array().end_object();
  }
  out.end_array();
}

HttpResponse check_one_answer(const Json& body, const SetupFacts& facts, const Config& config) {
  Fields in(body);
  const std::string key = in.needed_text("key");
  in.must("value");
  const std::string value = in.text("value");
  const Answers others = in.words("answers");
  // each that is wrong is left out in turn: their number is the work
  if (others.size() > questions().size())
    in.refuse("answers", refusal("answers", std::to_string(others.size()) + " answers",
                                 "at most " + std::to_string(questions().size())));
  if (auto wrong = in.finish()) return problem(*wrong);
  JsonWriter out;
  out.begin_object().field("sentence", check_answer(key, value, others, facts, config)).end_object();
  return json_reply(std::move(out));
}

Problem problem_of(const AnswerProblem& problem) { return {422, problem.key, with_title(problem)}; }

}  // namespace sonde::web
