#pragma once

#include <functional>
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
  /// Why an answer to `key` cannot be taken beside all others; empty = it can.
  using Checker = std::function<std::string(const std::string& key, const std::string& value, const Answers& all)>;
  ConsoleForm(Terminal& terminal, std::vector<ConsoleGroup> groups, Checker check);

  const std::vector<ConsoleGroup>& groups() const { return groups_; }
  /// The same questions as they stand now: what was suggested may have changed. What was answered stays.
  void renew(std::vector<ConsoleGroup> groups) { groups_ = std::move(groups); }
  /// What was answered in one group is in force: it stands as suggested from now on.
  void forget(const std::string& group);
  /// Asks a group's questions; false = the person went back, and nothing of the group is kept.
  bool ask(const ConsoleGroup& group);
  /// What was answered, or stands as it was suggested, of all that is asked; without the password.
  Answers answers() const;
  /// Only those that were asked and differ from what stood there, with what such a one made necessary.
  Answers changed() const;
  const std::string& password() const { return password_; }
  bool asked(const std::string& group) const { return asked_.contains(group); }
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
  void explain(const ConsoleQuestion& question);

  Terminal& terminal_;
  std::vector<ConsoleGroup> groups_;
  Checker check_;
  Answers given_;
  std::string password_;
  std::set<std::string> asked_;
};

}  // namespace sonde
