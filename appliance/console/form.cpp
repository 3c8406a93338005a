#include "appliance/console/form.h"

#include <algorithm>
#include <charconv>

#include "core/base/json_fields.h"

namespace sonde {
namespace {

template <typename Use>
void each(const Json& object, std::string_view name, Use use) {
  if (const Json* list = object.find(name))
    for (const Json& one : list->items) use(one);
}

ConsoleQuestion read_question(const Json& json) {
  ConsoleQuestion question{text_of(json, "key"),  text_of(json, "title"), text_of(json, "help"),
                           text_of(json, "kind"), text_of(json, "need"),  text_of(json, "suggestion")};
  each(json, "choices", [&](const Json& choice) {
    question.choices.push_back({text_of(choice, "value"), text_of(choice, "title"), text_of(choice, "say")});
  });
  each(json, "when", [&](const Json& one) { question.when.emplace_back(text_of(one, "key"), text_of(one, "value")); });
  return question;
}

/// A choice by its number, its value or its title.
std::optional<std::string> chosen(const ConsoleQuestion& question, const std::string& typed) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  if (error == std::errc() && end == typed.data() + typed.size() && number >= 1 && number <= question.choices.size())
    return question.choices[number - 1].value;
  for (const auto& choice : question.choices)
    if (typed == choice.value || typed == choice.title) return choice.value;
  return std::nullopt;
}

std::string shown(const ConsoleQuestion& question, const std::string& value) {
  for (const auto& choice : question.choices)
    if (choice.value == value) return choice.title;
  return value;
}

/// Lines of one answer have commas between on a console.
std::string on_one_line(std::string value) {
  std::ranges::replace(value, '\n', ',');
  return value;
}

}  // namespace

std::vector<ConsoleGroup> read_groups(const Json& groups) {
  std::vector<ConsoleGroup> read;
  for (const Json& group : groups.items) {
    read.push_back({text_of(group, "key"), text_of(group, "title"), text_of(group, "help"), {}});
    each(group, "questions", [&](const Json& one) { read.back().questions.push_back(read_question(one)); });
  }
  return read;
}

ConsoleForm::ConsoleForm(Terminal& terminal, std::vector<ConsoleGroup> groups, Checker check)
    : terminal_(terminal), groups_(std::move(groups)), check_(std::move(check)) {}

std::string ConsoleForm::present(const ConsoleQuestion& question) const {
  const auto found = given_.find(question.key);
  return found == given_.end() ? question.suggestion : found->second;
}

bool ConsoleForm::is_asked(const ConsoleQuestion& question) const {
  const Answers all = this->all();
  return std::ranges::all_of(question.when, [&](const auto& one) {
    const auto found = all.find(one.first);
    return found != all.end() && found->second == one.second;
  });
}

ConsoleForm::Answers ConsoleForm::answers() const {
  Answers asked;
  for (const ConsoleGroup& group : groups_)
    for (const ConsoleQuestion& question : group.questions)
      if (question.kind != "password" && is_asked(question)) asked[question.key] = present(question);
  return asked;
}

/// With those that wait for a condition: it is asked of these.
ConsoleForm::Answers ConsoleForm::all() const {
  Answers all;
  for (const ConsoleGroup& group : groups_)
    for (const ConsoleQuestion& question : group.questions)
      if (question.kind != "password") all[question.key] = present(question);
  return all;
}

ConsoleForm::Answers ConsoleForm::changed() const {
  Answers different;
  for (const ConsoleGroup& group : groups_)
    for (const ConsoleQuestion& question : group.questions)
      if (const auto found = given_.find(question.key); found != given_.end() && is_asked(question)) {
        // Nothing stands where it was not asked before: the suggestion is an answer there.
        const bool called_for =
            std::ranges::any_of(question.when, [&](const auto& one) { return different.contains(one.first); });
        if (called_for || found->second != question.suggestion) different.insert(*found);
      }
  return different;
}

void ConsoleForm::forget(const std::string& group) {
  std::erase_if(given_, [&](const auto& one) { return one.first.starts_with(group + "."); });
}

std::string ConsoleForm::missing(const ConsoleGroup* only) const {
  for (const ConsoleGroup& group : groups_)
    if (group.key != "data" && (!only || only->key == group.key))
      for (const ConsoleQuestion& question : group.questions) {
        if (question.need != "must" || !is_asked(question)) continue;
        if (question.kind == "password" ? password_.empty() : present(question).empty()) return question.title;
      }
  return {};
}

bool ConsoleForm::ask(const ConsoleGroup& group) {
  const Answers before = given_;
  const std::string password = password_;
  terminal_.line();
  terminal_.line(group.title);
  if (!group.help.empty()) terminal_.say(group.help);
  if (asked_.empty())
    terminal_.say("Enter takes what stands in [brackets], - empties it, ? explains, back leaves this part as it was.");
  for (const ConsoleQuestion& question : group.questions) {
    if (!is_asked(question)) continue;
    if (question.kind == "password" ? ask_password(question) : ask_one(question)) continue;
    given_ = before;
    password_ = password;
    return false;
  }
  asked_.insert(group.key);
  return true;
}

void ConsoleForm::explain(const ConsoleQuestion& question) {
  if (!question.help.empty()) terminal_.say(question.help, 4);
  terminal_.say(question.need == "must" ? "This must be answered before set-up ends."
                                        : "This may stay empty; it can be changed at any time.",
                4);
}

std::optional<std::string> ConsoleForm::read_answer(const ConsoleQuestion& question) {
  std::size_t number = 0;
  if (present(question).empty() && !question.help.empty()) terminal_.say(question.help, 4);
  for (const auto& choice : question.choices)
    terminal_.say(std::to_string(++number) + "  " + choice.title + (choice.say.empty() ? "" : " – " + choice.say), 4);
  for (;;) {
    const std::string typed =
        terminal_.ask("  " + question.title + " [" + shown(question, on_one_line(present(question))) + "]: ");
    if (typed == "back") return std::nullopt;
    if (typed == "?") {
      explain(question);
      continue;
    }
    if (typed.empty()) return present(question);
    if (typed == "-") return std::string();
    if (question.kind == "yes_no" && (typed == "y" || typed == "n")) return typed == "y" ? "yes" : "no";
    if (question.choices.empty()) return typed;
    if (const auto value = chosen(question, typed)) return value;
    terminal_.say("Type the number of one of the lines above.", 4);
  }
}

bool ConsoleForm::ask_one(const ConsoleQuestion& question) {
  for (;;) {
    const auto value = read_answer(question);
    if (!value) return false;
    if (value->empty() && question.need == "must") {
      terminal_.say("This must be answered; type back to leave it for now.", 4);
      continue;
    }
    const std::string sentence = check_(question.key, *value, all());
    if (sentence.empty()) {
      given_[question.key] = *value;
      return true;
    }
    terminal_.say(sentence, 4);
  }
}

bool ConsoleForm::ask_password(const ConsoleQuestion& question) {
  if (!question.help.empty()) terminal_.say(question.help);
  for (;;) {
    const std::string typed = terminal_.ask_hidden(
        "  " + question.title +
        (password_.empty() ? " (not shown): " : " (not shown; Enter keeps the one given before): "));
    if (typed == "back") return false;
    if (typed.empty() && !password_.empty()) return true;
    if (const std::string sentence = check_(question.key, typed, all()); !sentence.empty()) {
      terminal_.say(sentence, 4);
      continue;
    }
    if (terminal_.ask_hidden("  The same once more: ") == typed) {
      password_ = typed;
      return true;
    }
    terminal_.say("The two are not the same.", 4);
  }
}

}  // namespace sonde
