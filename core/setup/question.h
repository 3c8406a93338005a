#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/setup/facts.h"

namespace sonde {

/// Key → text. Lists have commas between, yes_no is "yes" or "no".
using Answers = std::map<std::string, std::string>;

/// One question of the set-up: the same for browser, console and file. See answers.h for what is done with answers.
struct Question {
  enum class Kind : std::uint8_t {
    text,
    mail,
    choice,
    yes_no,
    address,   ///< "192.0.2.7/24"
    number,    ///< whole
    degrees,   ///< with a fraction
    list,      ///< on one line with commas between
    lines,     ///< one a line; commas do as well
    zone,      ///< name of a time zone
    password,  ///< never shown, never among answers of a configuration
  };
  enum class Need : std::uint8_t {
    must,         ///< the set-up is not finished without
    recommended,  ///< empty is allowed and has a meaning that `help` tells
    optional,     ///< may well be hidden until asked for
  };
  struct Choice {
    std::string value, title, say;
  };
  /// Asked only while the answer to `key` is `value`.
  struct Condition {
    std::string key, value;
  };

  std::string key;  ///< "network.address4": its group and its name there
  std::string title, help;
  Kind kind = Kind::text;
  Need need = Need::optional;
  bool appliance_only = false;
  std::vector<Condition> when;     ///< all must hold
  std::vector<std::string> rules;  ///< what core/config calls it: "host.measuring.address4"; empty = not part of Config

  std::function<std::vector<Choice>(const SetupFacts&)> choices;
  /// What the host knows by itself; empty = nothing.
  std::function<std::string(const SetupFacts&)> suggest;
  /// The answer that a configuration gives; none = it cannot be said in one.
  std::function<std::optional<std::string>(const Config&)> read;
  /// Puts the answer into the configuration; a sentence when it cannot be read as what it should be.
  std::function<std::string(const std::string&, Config&)> write;
  /// Beyond the rules of core/config: a sentence, or empty.
  std::function<std::string(const std::string&, const Answers&, const SetupFacts&)> check;

  std::string_view group() const { return std::string_view(key).substr(0, key.find('.')); }
  std::string_view name() const { return std::string_view(key).substr(key.find('.') + 1); }
};

struct QuestionGroup {
  std::string_view key, title, help;
};

/// In the order in which they are asked. Made once; safe from any thread.
std::span<const QuestionGroup> question_groups();
std::span<const Question> questions();
const Question* find_question(std::string_view key);

std::string_view to_string(Question::Kind kind);  ///< "yes_no"
std::string_view to_string(Question::Need need);  ///< "must"

/// False on a host whose machine is not ours to set, and while a condition does not hold.
bool is_asked(const Question& question, const Answers& answers, const SetupFacts& facts);
/// Text of a list: "a, b".
std::string list_text(const std::vector<std::string>& items);

}  // namespace sonde
