#include <algorithm>

#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/setup_questions.h"

namespace sonde::web {
namespace {

HttpResponse answers_reply(const Call& call) {
  const Snapshot now = *call.node().snapshot();
  const SetupFacts facts = call.node().setup_facts();
  const Answers answers = answers_of(*now.config, facts);
  JsonWriter out;
  out.begin_object().key("answers").begin_object();
  for (const auto& [key, value] : answers) out.field(key, value);
  out.end_object().key("groups");
  write_questions(out, answers, facts, true);
  out.end_object();
  return with_etag(json_reply(std::move(out)), now.config_revision);
}

HttpResponse get_answers(Call& call) { return answers_reply(call); }

/// Before set-up the console may set the machine, so that it can be reached at all; the rest is answered in one go.
std::optional<Problem> refuse_early(const Answers& answers) {
  static constexpr std::string_view kEarly[] = {"host", "network", "management", "time"};
  for (const auto& [key, value] : answers) {
    const Question* const question = find_question(key);
    if (question && std::ranges::find(kEarly, question->group()) == std::end(kEarly))
      return Problem{
          409, key,
          key + " is answered when the node is set up; before that only host, network, management and time are."};
  }
  return std::nullopt;
}

std::optional<Problem> refuse_once(const Answers& answers) {
  for (const auto& [key, value] : answers) {
    const Question* const question = find_question(key);
    if (question && is_answered_once(*question))
      return Problem{422, key, key + " is answered once, at the set-up; users are changed as users, later."};
  }
  return std::nullopt;
}

HttpResponse change_answers(Call& call) {
  Fields in(call.body);
  in.must("answers");
  const Answers answers = in.words("answers");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (auto refused = refuse_once(answers)) return problem(*refused);
  if (!call.set_up)
    if (auto refused = refuse_early(answers)) return problem(*refused);
  auto refusal = apply(call, "host", std::nullopt,
                       [answers, facts = call.node().setup_facts()](Config& config) -> std::optional<Problem> {
                         if (const auto refused = sonde::apply(answers, facts, config)) return problem_of(*refused);
                         return std::nullopt;
                       });
  return refusal ? *refusal : answers_reply(call);
}

HttpResponse check_later(Call& call) {
  return check_one_answer(call.body, call.node().setup_facts(), *call.now->config);
}

constexpr Route kRoutes[] = {
    {"GET", "/setup/answers", Needs::administrator, get_answers},
    {"PATCH", "/setup/answers", Needs::administrator, change_answers, Route::Body::json},
    {"POST", "/setup/answers/check", Needs::administrator, check_later, Route::Body::json},
};

}  // namespace

std::span<const Route> setup_answer_routes() { return kRoutes; }

}  // namespace sonde::web
