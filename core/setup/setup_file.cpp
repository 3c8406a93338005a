#include "core/setup/setup_file.h"

#include <algorithm>
#include <map>

#include "core/access/password.h"
#include "core/config/text_rules.h"
#include "core/config/xml_tree.h"

namespace sonde {
namespace {

constexpr std::string_view kPassword = "administrator.password";
constexpr std::string_view kHash = "password-hash";

/// As the file spells it: "name-servers"; the password is there as its hash.
std::string attribute_of(const Question& question) {
  if (question.key == kPassword) return std::string(kHash);
  std::string name(question.name());
  std::ranges::replace(name, '_', '-');
  return name;
}

std::vector<const Question*> questions_of(std::string_view group) {
  std::vector<const Question*> found;
  for (const Question& question : questions())
    if (question.group() == group) found.push_back(&question);
  return found;
}

/// Reads one file; what it finds knows its place in the text.
class Reader {
 public:
  SetupFile read(const XmlTree& root) {
    check_version(root);
    root_ = root.offset;
    for (const XmlTree& element : root.children) read_group(element);
    return std::move(file_);
  }

  /// Where an answer stands, or where it would.
  std::size_t offset(const std::string& key) const {
    if (const auto found = answers_.find(key); found != answers_.end()) return found->second;
    const auto group = groups_.find(key.substr(0, key.find('.')));
    return group == groups_.end() ? root_ : group->second;
  }

 private:
  static void check_version(const XmlTree& root) {
    for (const XmlAttribute& attribute : root.attributes)
      if (attribute.name != "version" || attribute.value != "1")
        throw XmlRefused{attribute.offset, refusal(attribute.name, attribute.value, "version=\"1\" alone")};
    if (root.attributes.size() != 1)
      throw XmlRefused{root.offset, "<sonde-setup> needs the attribute version=\"1\", once."};
  }

  void read_group(const XmlTree& element) {
    const auto known = std::ranges::find(question_groups(), element.name, &QuestionGroup::key);
    if (known == question_groups().end()) {
      std::vector<std::string> names;
      for (const QuestionGroup& group : question_groups()) names.emplace_back(group.key);
      throw XmlRefused{element.offset, refusal("element", element.name, "one of " + list_text(names))};
    }
    if (!groups_.emplace(element.name, element.offset).second)
      throw XmlRefused{element.offset, "<" + element.name + "> stands twice."};
    for (const XmlTree& inner : element.children)
      throw XmlRefused{inner.offset, "<" + inner.name + ">: inside <" + element.name + "> there are no elements."};
    const auto asked = questions_of(element.name);
    for (const XmlAttribute& attribute : element.attributes) read_answer(element, asked, attribute);
  }

  void read_answer(const XmlTree& element, const std::vector<const Question*>& asked, const XmlAttribute& attribute) {
    if (attribute.name == "password" && element.name == "administrator")
      throw XmlRefused{attribute.offset,
                       "password: a file holds its hash only; sonde hash-password makes one, for password-hash."};
    const auto question = std::ranges::find(asked, attribute.name, [](const Question* q) { return attribute_of(*q); });
    if (question == asked.end()) {
      std::vector<std::string> names;
      for (const Question* each : asked) names.push_back(attribute_of(*each));
      // its value may be a secret that was meant for another name
      throw XmlRefused{attribute.offset,
                       attribute.name + ": allowed is only " + list_text(names) + " in <" + element.name + ">."};
    }
    const std::string& key = (*question)->key;
    if (!answers_.emplace(key, attribute.offset).second)
      throw XmlRefused{attribute.offset, refusal(attribute.name, attribute.value, "each attribute once")};
    if (key != kPassword) {
      file_.answers[key] = attribute.value;
    } else if (is_password_hash(attribute.value)) {
      file_.password_hash = attribute.value;
    } else {
      throw XmlRefused{attribute.offset,
                       "password-hash: this is no hash of a password; sonde hash-password prints one."};
    }
  }

  SetupFile file_;
  std::size_t root_ = 0;
  std::map<std::string, std::size_t, std::less<>> groups_, answers_;
};

/// What must be answered has been; the hash stands for the password.
std::optional<AnswerProblem> check_all(const SetupFile& file, const SetupFacts& facts) {
  Config config;
  if (auto problem = apply(file.answers, facts, config)) return problem;
  Answers all = answers_of(config, facts);
  for (const auto& [key, value] : file.answers) all[key] = value;
  // a suggestion is for people, who see it: a file says everything that must be said
  if (!file.answers.contains("host.name")) all.erase("host.name");
  if (!file.password_hash.empty()) all.emplace(kPassword, file.password_hash);
  auto problem = missing_answer(all, facts);
  if (problem && problem->key == kPassword) problem->sentence = "<administrator> needs the attribute password-hash.";
  return problem;
}

}  // namespace

SetupFileParsed parse_setup_file(std::string_view text, std::string_view name, const SetupFacts& facts) {
  const auto refused = [&](std::size_t offset, const std::string& sentence) {
    return SetupFileParsed{{}, std::string(name) + " " + place(text, offset) + ": " + sentence};
  };
  text = without_mark(text);
  try {
    const XmlTree root = read_xml_tree(text, "sonde-setup", kMostSetupFileOctets);
    Reader reader;
    SetupFile file = reader.read(root);
    if (const auto problem = check_all(file, facts)) return refused(reader.offset(problem->key), problem->sentence);
    return {std::move(file), {}};
  } catch (const XmlRefused& refusal) {
    return refused(refusal.offset, refusal.sentence);
  }
}

std::string write_setup_file(const SetupFile& file) {
  XmlTree root{.name = "sonde-setup", .attributes = {{"version", "1"}}};
  for (const QuestionGroup& group : question_groups()) {
    XmlTree element{.name = std::string(group.key)};
    for (const Question* question : questions_of(group.key)) {
      const auto answer = file.answers.find(question->key);
      const bool is_password = question->key == kPassword;
      const std::string value = is_password ? file.password_hash : answer == file.answers.end() ? "" : answer->second;
      if (!value.empty()) element.attributes.push_back({attribute_of(*question), value});
    }
    if (!element.attributes.empty()) root.children.push_back(std::move(element));
  }
  return write_xml_tree(root);
}

}  // namespace sonde
