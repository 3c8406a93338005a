#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "appliance/console/terminal.h"
#include "core/base/json.h"

namespace sonde {

/// One question of the set-up as the node describes it (GET /api/v1/setup, core/setup).
struct ConsoleQuestion {
  struct Choice {
    std::string value, title, say;
  };
  std::string key, title, help, kind, need, suggestion;
  std::vector<Choice> choices;
  std::vector<std::pair<std::string, std::string>> when;  ///< asked only while these answers hold
};

struct ConsoleGroup {
  std::string key, title, help;
  std::vector<ConsoleQuestion> questions;
};

/// Groups of the node's description.
std::vector<ConsoleGroup> read_groups(const Json& groups);

/// Asks questions and keeps what was answered. Answers that the node would refuse are explained and asked again. One
/// thread, a terminal's.
class ConsoleForm {
 public:
  using Answers = std::map<std::string, std::string>;
  /// `check` = where the node checks one answer: "/api/v1/setup/check", "/api/v1/setup/answers/check".
  ConsoleForm(Terminal& terminal, std::vector<ConsoleGroup> groups, std::string check);

  const std::vector<ConsoleGroup>& groups() const { return groups_; }
  /// Asks a group's questions; false = the person went back, and nothing of the group is kept.
  bool ask(const ConsoleGroup& group);
  /// What was answered, or stands as it was suggested, of all that is asked; without the password.
  Answers answers() const;
  /// Only those that were asked and differ from what stood there.
  Answers changed() const;
  const std::string& password() const { return password_; }
  bool asked(const std::string& group) const { return asked_.contains(group); }
  void forget();
  /// The first question, of one group or of all, that must be answered and is not: its title; empty = none.
  std::string missing(const ConsoleGroup* only = nullptr) const;

 private:
  Answers all() const;
  bool is_asked(const ConsoleQuestion& question) const;
  std::string present(const ConsoleQuestion& question) const;
  /// False = back.
  bool ask_one(const ConsoleQuestion& question);
  bool ask_password(const ConsoleQuestion& question);
  std::optional<std::string> read_answer(const ConsoleQuestion& question);
  std::string refusal(const ConsoleQuestion& question, const std::string& value) const;
  void explain(const ConsoleQuestion& question);

  Terminal& terminal_;
  std::vector<ConsoleGroup> groups_;
  std::string check_;
  Answers given_;
  std::string password_;
  std::set<std::string> asked_;
};

}  // namespace sonde
