#pragma once

#include <optional>

#include "core/base/json.h"
#include "core/setup/answers.h"
#include "web/api/fields.h"
#include "web/view.h"

namespace sonde::web {

/// The groups with those of their questions that such a host is ever asked, as JSON. `later` leaves out what is
/// answered once, at the set-up: the first administrator and where data is kept.
void write_questions(JsonWriter& out, const Answers& present, const SetupFacts& facts, bool later);
bool is_answered_once(const Question& question);

/// {"key", "value", "answers"} against `config`: {"sentence"}, empty where the answer would be taken.
HttpResponse check_one_answer(const Json& body, const SetupFacts& facts, const Config& config);

/// 422 at the question's key.
Problem problem_of(const AnswerProblem& problem);

}  // namespace sonde::web
