#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/config/config.h"
#include "core/setup/facts.h"
#include "core/setup/question.h"

namespace sonde {

/// Why answers were not taken: which one, and one sentence.
struct AnswerProblem {
  std::string key;
  std::string sentence;
};

/// The sentence for a page or a console, where the question has its title; a file has its key.
std::string with_title(const AnswerProblem& problem);

/// The answers that a configuration gives to what is asked on such a host. Not among them: what is no part of a
/// configuration, and what was made by hand beyond what one answer can say.
Answers answers_of(const Config& config, const SetupFacts& facts);

/// What stands beside a question before anybody answered it: the present answer, else what the host knows.
std::string suggestion(const Question& question, const Answers& present, const SetupFacts& facts);

/// Changes what is named in `answers` and nothing else; checks every one of them and every rule of core/config. Empty =
/// done; else `config` is as it was. Answers that are no part of a configuration are checked only.
std::optional<AnswerProblem> apply(const Answers& answers, const SetupFacts& facts, Config& config);

/// The first question that must be answered before set-up ends and is not.
std::optional<AnswerProblem> missing_answer(const Answers& answers, const SetupFacts& facts);

/// One answer as it stands beside `others`, for a form: a sentence, or empty. What is wrong with the others hides
/// nothing.
std::string check_answer(const std::string& key, const std::string& value, const Answers& others,
                         const SetupFacts& facts, const Config& config);

}  // namespace sonde
