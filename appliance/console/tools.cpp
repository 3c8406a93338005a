#include "appliance/console/tools.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <thread>

#include "appliance/administrator.h"
#include "appliance/host_client.h"
#include "appliance/host_places.h"
#include "appliance/local_client.h"
#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "core/base/linux_clock.h"
#include "core/host/disks.h"
#include "core/host/host_reading.h"
#include "core/host/shell_plan.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLogShown = 20;

struct Place {
  std::string name, title, content, serial;
  std::uint64_t octets = 0;
  bool ours = false;
  std::string why_no_install;  ///< empty = the system can be put there
};

std::vector<Place> places(const Json& state) {
  std::vector<Place> found;
  if (const Json* disks = state.find("disks"))
    for (const Json& one : disks->items) {
      const Json *octets = one.find("octets"), *ours = one.find("ours");
      found.push_back({text_of(one, "name"), text_of(one, "title"), text_of(one, "content"), text_of(one, "serial"),
                       octets ? static_cast<std::uint64_t>(octets->number) : 0, ours && ours->boolean,
                       text_of(one, "no_install")});
    }
  return found;
}

const Place* choose_place(Terminal& terminal, const std::vector<Place>& places, const std::string& question) {
  std::size_t number = 0;
  for (const Place& place : places)
    terminal.say(std::to_string(++number) + "  " + place.name + "  " + size_text(place.octets) + "  " + place.title +
                     "  (" + place.content + ")",
                 4);
  for (;;) {
    const std::string typed = terminal.ask("  " + question);
    if (typed.empty() || typed == "back") return nullptr;
    for (std::size_t i = 0; i < places.size(); ++i)
      if (typed == std::to_string(i + 1) || typed == places[i].name) return &places[i];
    terminal.say("Type the number of one of the lines above, or Enter.", 4);
  }
}

/// What is needed to format it: that the person wrote its name again.
bool agreed_to_format(Terminal& terminal, const Place& place) {
  terminal.say(place.name + (place.content == kEmptyDisk
                                 ? " is empty."
                                 : " holds " + place.content + ". Formatting it loses all of that, for good."),
               4);
  return terminal.ask("  Type " + place.name + " to format it, Enter to leave it as it is: ") == place.name;
}

/// Waits, because the menu that follows clears the screen.
void unchanged(Terminal& terminal) { terminal.ask("  Nothing was changed. Enter goes on. "); }

/// It starts anew with the data at their new place.
void wait_for_node(Terminal& terminal) {
  terminal.say("The node starts …");
  for (int seconds = 0; seconds < 60; ++seconds) {
    try {
      object_of(ask_node(host::kNodeData, "GET", "/local/console"));
      return;
    } catch (const Error&) {
      std::this_thread::sleep_for(1s);
    }
  }
  throw Error("The node did not start within a minute; the log (l) says why.");
}

}  // namespace

void choose_data(Terminal& terminal) {
  const Json state = ask_host("state");
  const auto found = places(state);
  terminal.line();
  terminal.line("Data: where configuration, keys and measurements are kept");
  const Json* const data = state.find("data");
  if (const std::string device = data ? text_of(*data, "device") : ""; !device.empty()) {
    terminal.say("Data are kept on " + device +
                 ". To keep them on another drive: make a backup (This node, on the page), power off, take this drive "
                 "out, start, choose the other one here, set up, restore the backup.");
    terminal.ask("  Enter goes on. ");
    return;
  }
  if (found.empty()) {
    terminal.say(
        "There is no drive that could hold data (256 MB at least): put one in, or go on in memory only, which "
        "loses everything when the power goes.");
    terminal.ask("  Enter goes on. ");
    return;
  }
  terminal.say("Without a drive everything is in memory and lost when the power goes. They are not encrypted.");
  const Place* place = choose_place(terminal, found, "Keep data on [memory only]: ");
  if (!place) return;
  bool format = false;
  if (!place->ours) {
    format = agreed_to_format(terminal, *place);
    if (!format) return unchanged(terminal);
    terminal.say("Formatting " + place->name + " …");
  }
  JsonWriter out;
  out.begin_object().field("disk", place->name).field("serial", place->serial).field("format", format).end_object();
  terminal.say(text_of(ask_host("use-data", out.text(), 1h), "sentence"));
  wait_for_node(terminal);
  terminal.ask("  Enter goes on. ");
}

/// How far a long piece of the root helper's work is, until its end.
void follow_work(Terminal& terminal) {
  for (std::string said;; std::this_thread::sleep_for(1s)) {
    const Json slots = ask_host("slots");
    const Json* work = slots.find("work");
    if (!work || work->kind != Json::Kind::object) return;
    const std::string sentence = text_of(*work, "sentence");
    if (sentence != said) terminal.say(sentence, 4);
    said = sentence;
    const Json *ended = work->find("ended"), *failed = work->find("failed");
    if (failed && failed->boolean) throw Error("It was not done: " + sentence);
    if (ended && ended->boolean) return;
  }
}

void install(Terminal& terminal) {
  std::vector<Place> drives = places(ask_host("state"));
  std::erase_if(drives, [](const Place& place) { return place.title.starts_with("partition of "); });
  terminal.line();
  terminal.line("Install: this system and its data on a drive of this machine");
  if (drives.empty()) {
    terminal.say("There is no drive to install on.");
    terminal.ask("  Enter goes on. ");
    return;
  }
  terminal.say("The machine then starts without this medium, and can be upgraded. Everything on the drive is lost.");
  const Place* place = choose_place(terminal, drives, "Install on [nothing]: ");
  if (place && !place->why_no_install.empty()) terminal.say(place->why_no_install);
  if (!place || !place->why_no_install.empty() || !agreed_to_format(terminal, *place)) return unchanged(terminal);
  JsonWriter out;
  out.begin_object().field("disk", place->name).field("serial", place->serial).end_object();
  ask_host("install", out.text());
  follow_work(terminal);
  terminal.ask("  Enter goes on. ");
}

void show_log(Terminal& terminal) {
  const std::string log = read_start(host::kLog, 2 << 20).value_or("");
  std::size_t from = log.size();
  for (std::size_t lines = 0; from > 0 && lines <= kLogShown; ++lines) {
    const auto at = log.rfind('\n', from - 1);
    from = at == std::string::npos ? 0 : at;
  }
  terminal.line(from < log.size() ? log.substr(from) : "  The log is empty.");
  terminal.ask("  Enter goes on. ");
}

void new_password(Terminal& terminal) {
  const std::string first = terminal.ask_hidden("  New password (not shown; Enter leaves it as it is): ");
  if (first.empty()) return;
  if (terminal.ask_hidden("  The same once more: ") != first)
    throw Error("The two are not the same; nothing was changed.");
  const JsonWriter json = JsonWriter().begin_object().field("password", first).end_object();
  terminal.say(text_of(object_of(ask_node(host::kNodeData, "POST", "/local/reset-password", json.text())), "sentence"));
  terminal.ask("  Enter goes on. ");
}

namespace {

/// Throws where they are not an administrator's. A node that does not answer is asked by its file of users.
void ask_for_administrator(Terminal& terminal, bool node_answers) {
  const LinuxClock clock;
  Access access(host::kNodeData, clock, {});
  if (!access.has_users()) return;
  const std::string user = terminal.ask("  Name of an administrator: ");
  const std::string password = terminal.ask_hidden("  Password: ");
  if (node_answers) {
    const JsonWriter json = JsonWriter().begin_object().field("user", user).field("password", password).end_object();
    object_of(ask_node(host::kNodeData, "POST", "/local/is-administrator", json.text()));
  } else if (const std::string refused = refuse_as_administrator(access, user, password); !refused.empty()) {
    throw Error(refused);
  }
}

}  // namespace

void open_shell(Terminal& terminal, bool node_answers) {
  ask_for_administrator(terminal, node_answers);
  terminal.say(
      "A shell as root. Nothing of the system can be written but /data, /run, /tmp and /var. exit comes back here.");
  // A home that only root can write to: a shell reads a profile there.
  static constexpr const char* kWords[] = {"sh", nullptr};
  static constexpr const char* kEnvironment[] = {"PATH=/usr/sbin:/usr/bin", "HOME=/run/root", "TERM=linux", nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  sigaddset(&defaults, SIGQUIT);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/usr/bin/sh", nullptr, &attributes, const_cast<char**>(kWords),
                                  const_cast<char**>(kEnvironment));
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) throw Error("start", "a shell", error);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void let_keys_in(Terminal& terminal, const std::vector<std::string>& keys, bool node_answers) {
  terminal.line();
  terminal.line("Keys of the remote shell");
  terminal.say("The configuration has these, and nobody let them in yet. Whoever holds one would be root here:");
  JsonWriter out;
  out.begin_object().key("keys").begin_array();
  for (const std::string& key : keys) {
    // "ssh-ed25519 AAAA... somebody": the middle says nothing to a person, its fingerprint does.
    const auto from = key.find(' '), to = key.find(' ', from + 1);
    terminal.say(key.substr(0, from) + "  " + (to == std::string::npos ? "" : key.substr(to + 1)), 4);
    terminal.say(key_fingerprint(key), 6);
    out.value(key);
  }
  out.end_array().end_object();
  if (!terminal.confirm(keys.size() == 1 ? "  Let it in?" : "  Let these " + std::to_string(keys.size()) + " in?",
                        false))
    return terminal.say("They go on waiting: k asks again, and an empty list under Management forgets them.");
  ask_for_administrator(terminal, node_answers);
  terminal.say(text_of(ask_host("accept-keys", out.text(), 60s), "sentence"));
}

void leave(Terminal& terminal, const std::string& word, const std::string& question) {
  if (!terminal.confirm("  " + question, false)) return;
  terminal.say(text_of(ask_host(word), "sentence"));
}

void apply_to_host(Terminal& terminal) {
  const std::string sentence = text_of(ask_host("apply", "{}", 60s), "sentence");
  terminal.say(sentence.empty() ? "In force." : sentence);
}

}  // namespace sonde
