#include "appliance/console/console.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>

#include "appliance/console/form.h"
#include "appliance/console/status.h"
#include "appliance/console/tools.h"
#include "appliance/host_client.h"
#include "appliance/host_places.h"
#include "appliance/local_client.h"
#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "core/setup/facts.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 2s;
constexpr std::size_t kFactColumn = 15, kStateColumn = 38, kToolColumn = 53;
/// The picture of a screen has 25 lines, and the first ones matter most.
constexpr std::size_t kMostPages = 4;
/// What must or may be answered before set-up ends, and can be put in force on its own before that.
constexpr std::string_view kMachine[] = {"host", "network", "management", "time"};

constexpr const char* kShellKeys = "management.shell_keys";

std::string check_by_node(bool set_up, const std::string& key, const std::string& value,
                          const ConsoleForm::Answers& all) {
  JsonWriter out;
  out.begin_object().field("key", key).field("value", value).key("answers").begin_object();
  for (const auto& [other, answer] : all) out.field(other, answer);
  out.end_object().end_object();
  const char* path = set_up ? "/api/v1/setup/answers/check" : "/api/v1/setup/check";
  return text_of(object_of(ask_node(host::kNodeData, "POST", path, out.text())), "sentence");
}

bool of_machine(const std::string& group) { return std::ranges::find(kMachine, group) != std::end(kMachine); }

class Console {
 public:
  /// Until the terminal goes.
  void run() {
    for (;;) {
      draw();
      const std::string choice = wait_for_choice();
      try {
        choose(choice);
      } catch (const Error& error) {
        terminal_.say(error.what());
        terminal_.ask("  Enter goes on. ");
      }
    }
  }

 private:
  struct Item {
    std::string key, title, state;
    std::function<void()> act;
  };

  void draw() {
    status_ = read_console_status();
    try {
      make_items();
    } catch (const Error& error) {
      status_.troubles.push_back(error.what());
    }
    terminal_.clear();
    draw_head();
    terminal_.line();
    draw_menu();
    terminal_.line();
  }

  /// What the set-up asks on the left, all else on the right.
  void draw_menu() {
    const auto widened = [](std::string line, std::size_t column) {
      return line + std::string(line.size() < column ? column - line.size() : 1, ' ');
    };
    for (std::size_t i = 0; i < std::max(questions_, items_.size() - questions_); ++i) {
      std::string line;
      if (i < questions_) {
        line = "  " + items_[i].key + "  " + items_[i].title;
        if (!items_[i].state.empty()) line = widened(line, kStateColumn) + items_[i].state;
      }
      if (questions_ + i < items_.size()) {
        const Item& tool = items_[questions_ + i];
        line = widened(line, kToolColumn) + tool.key + "  " + tool.title;
        if (!tool.state.empty()) line += ": " + tool.state;
      }
      terminal_.line(line);
    }
  }

  void fact(const std::string& title, const std::string& value) {
    if (!value.empty()) terminal_.say(title + std::string(kFactColumn - title.size(), ' ') + value, 2, kFactColumn);
  }

  void draw_head() {
    terminal_.line("  Sonde " + status_.version + "   " + status_.name);
    terminal_.line();
    if (!status_.node_answers) terminal_.say("The node is starting …");
    if (status_.pages.empty()) fact("Page", "no address yet: is a cable in, does the network give addresses?");
    for (std::size_t i = 0; i < std::min(status_.pages.size(), kMostPages); ++i)
      fact(i == 0 ? "Page" : "", status_.pages[i]);
    if (status_.pages.size() > kMostPages)
      fact("", "and " + std::to_string(status_.pages.size() - kMostPages) + " more");
    fact("Set-up code", status_.code);
    fact("Fingerprint", status_.fingerprint.substr(0, 47));
    if (status_.fingerprint.size() > 48) fact("", status_.fingerprint.substr(48));
    fact("Clock", status_.clock);
    fact("Data", status_.data_device.empty() ? "in memory" : "on " + status_.data_device);
    if (!status_.data.empty()) terminal_.say((status_.data_bad ? "! " : "") + status_.data);
    for (const std::string& note : status_.notes) terminal_.say(note);
    for (const std::string& trouble : status_.troubles) terminal_.say("! " + trouble);
  }

  /// A line that somebody typed. Meanwhile what changed is drawn anew.
  std::string wait_for_choice() {
    std::string prompt = "  Choice: ";
    for (;;) {
      if (const auto typed = terminal_.ask_for(prompt, kLook)) return *typed;
      prompt.clear();
      if (read_console_status() == status_) continue;
      draw();
      prompt = "  Choice: ";
    }
  }

  void choose(const std::string& choice) {
    const auto item = std::ranges::find(items_, choice, &Item::key);
    if (item != items_.end()) return item->act();
    if (!choice.empty()) throw Error("Type the number or the letter of one of the lines above.");
  }

  void make_items() {
    items_.clear();
    questions_ = 0;
    if (status_.node_answers) {
      load_form();
      if (!status_.set_up) items_.push_back({"s", "Set up: all questions", "must be done", [this] { set_up(); }});
      int number = 0;
      for (const ConsoleGroup& group : form_->groups())
        if (group.key != "data")
          items_.push_back(
              {std::to_string(++number), group.title, group_state(group), [this, key = group.key] { change(key); }});
    }
    questions_ = items_.size();
    items_.push_back({"d", "Data",
                      status_.data_bad              ? "look at it"
                      : status_.data_device.empty() ? "in memory only"
                                                    : "done",
                      [this] { choose_data(terminal_); }});
    items_.push_back({"i", "Install on a drive", "", [this] { install(terminal_); }});
    if (!status_.waiting_keys.empty())
      items_.push_back({"k", "Shell's keys", std::to_string(status_.waiting_keys.size()) + " waiting", [this] {
                          let_keys_in(terminal_, status_.waiting_keys, status_.node_answers);
                          pause_a_moment();
                        }});
    items_.push_back({"l", "Log", "", [this] { show_log(terminal_); }});
    if (status_.set_up) items_.push_back({"w", "New password", "", [this] { new_password(terminal_); }});
    items_.push_back({"x", "Shell", "", [this] { open_shell(terminal_, status_.node_answers); }});
    items_.push_back({"r", "Restart", "", [this] {
                        tell_loss();
                        leave(terminal_, "reboot", "Restart this machine now?");
                      }});
    items_.push_back({"p", "Power off", "", [this] {
                        tell_loss();
                        leave(terminal_, "power-off", "Switch this machine off?");
                      }});
  }

  void tell_loss() {
    if (status_.data_device.empty())
      terminal_.say("! Settings, accounts and measurements are in memory only: all of them will be lost.");
  }

  std::string group_state(const ConsoleGroup& group) const {
    if (status_.set_up) return "done";
    if (form_->asked(group.key)) return "answered";
    return form_->missing(&group).empty() ? "optional" : "must be done";
  }

  std::vector<ConsoleGroup> ask_questions() const {
    const Json json =
        object_of(ask_node(host::kNodeData, "GET", status_.set_up ? "/api/v1/setup/answers" : "/api/v1/setup"));
    const Json* description = status_.set_up ? &json : json.find("description");
    const Json* groups = description ? description->find("groups") : nullptr;
    if (!groups) throw Error("The node does not say what it asks.");
    return read_groups(*groups);
  }

  /// Anew when the set-up ended; else what was answered stays.
  void load_form() {
    if (form_ && form_set_up_ == status_.set_up) return;
    form_.emplace(
        terminal_, ask_questions(),
        [set_up = status_.set_up](const std::string& key, const std::string& value, const ConsoleForm::Answers& all) {
          return check_by_node(set_up, key, value, all);
        });
    form_set_up_ = status_.set_up;
  }

  /// One part: in force at once where it can be, else kept for the end of the set-up.
  void change(const std::string& key) {
    form_->renew(ask_questions());  // the page may have changed it meanwhile, the network may have given an address
    const auto asked = std::ranges::find(form_->groups(), key, &ConsoleGroup::key);
    if (asked == form_->groups().end() || !form_->ask(*asked)) return;
    if (status_.set_up || of_machine(key))
      put_in_force(key);
    else
      terminal_.say("Kept until the set-up is finished with s.");
    pause_a_moment();
  }

  void put_in_force(const std::string& group) {
    ConsoleForm::Answers some;
    for (const auto& [key, value] : form_->changed())
      if (key.starts_with(group + ".")) some[key] = value;
    if (some.empty()) {
      form_->forget(group);
      return terminal_.say("Nothing was changed.");
    }
    JsonWriter out;
    out.begin_object().key("answers").begin_object();
    for (const auto& [key, value] : some) out.field(key, value);
    out.end_object().end_object();
    object_of(ask_node(host::kNodeData, "PATCH", "/api/v1/setup/answers", out.text()));
    form_->forget(group);
    form_->renew(ask_questions());
    apply_to_host(terminal_);
    if (some.contains(kShellKeys)) let_waiting_in();
  }

  /// Who wrote them here is asked at once.
  void let_waiting_in() {
    status_ = read_console_status();
    if (!status_.waiting_keys.empty()) let_keys_in(terminal_, status_.waiting_keys, status_.node_answers);
  }

  void set_up() {
    form_->renew(ask_questions());
    for (const ConsoleGroup& group : form_->groups()) {
      if (group.key == "data" || form_->ask(group)) continue;
      terminal_.say("What was answered stays; no goes on with the next part.");
      if (terminal_.confirm("  Leave the set-up for now?", true)) return;
    }
    if (status_.data_device.empty()) choose_data(terminal_);
    if (const ConsoleStatus now = read_console_status(); now.set_up) {
      terminal_.say(
          now.data_device == status_.data_device
              ? "This node was set up meanwhile, on its page."
              : "That drive holds a node that is set up: it runs now, with its own accounts and settings. The "
                "answers given here were not needed.");
      return pause_a_moment();
    }
    if (const std::string missing = form_->missing(); !missing.empty())
      throw Error(missing + " must be answered before the set-up can end.");
    if (!terminal_.confirm("  Set this node up with these answers?", true)) return;
    JsonWriter out;
    out.begin_object().key("answers").begin_object();
    for (const auto& [key, value] : form_->answers())
      if (key != "data.device") out.field(key, value);
    const std::string device = read_console_status().data_device;
    out.field("data.device", device.empty() ? kInMemory : device);
    out.end_object().field("password", form_->password()).key("first_tests").begin_array().end_array().end_object();
    object_of(ask_node(host::kNodeData, "POST", "/api/v1/setup", out.text()));
    apply_to_host(terminal_);
    const bool keys = form_->changed().contains(kShellKeys);
    form_.reset();
    if (keys) let_waiting_in();
    terminal_.say("This node is set up. Log in on its page to add peers and tests.");
    pause_a_moment();
  }

  void pause_a_moment() { terminal_.ask("  Enter goes on. "); }

  Terminal terminal_;
  ConsoleStatus status_;
  std::optional<ConsoleForm> form_;
  bool form_set_up_ = false;
  std::vector<Item> items_;
  std::size_t questions_ = 0;  ///< so many of the items are the set-up's, and come first
};

}  // namespace

int run_console() {
  // Ctrl-C on a console leaves a question, not the console; init would only start it again.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);
  try {
    Console().run();
  } catch (const TerminalGone&) {
    // The terminal went; init brings the console back when it is there again.
  }
  return 0;
}

}  // namespace sonde
