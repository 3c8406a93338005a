#include "appliance/console/status.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "appliance/host_client.h"
#include "appliance/host_places.h"
#include "appliance/local_client.h"
#include "appliance/result_text.h"
#include "appliance/version.h"
#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "core/net/linux_interfaces.h"

namespace sonde {
namespace {

void add_pages(ConsoleStatus& status) {
  for (const InterfaceState& interface : read_interfaces())
    for (const Prefix& own : interface.addresses) {
      if (interface.loopback || own.address.is_link_local()) continue;
      const std::string address = own.address.text();
      status.pages.push_back("https://" + (own.address.family() == Family::v6 ? "[" + address + "]" : address) + "/");
    }
}

std::string clock_words(const Json& node) {
  const Json* clock = node.find("clock");
  if (!clock) return "not known";
  const Json* bound = clock->find("bound_s");
  const bool known = bound && bound->kind == Json::Kind::number;
  if (!is_true(*clock, "synchronised")) return "not synchronised yet: one-way delays have an unknown error until then";
  return "synchronised by " + text_of(*clock, "source") +
         (known ? ", ± " + format_value(Unit::seconds, bound->number) : std::string());
}

void ask_the_node(ConsoleStatus& status) {
  const Json console = object_of(ask_node(host::kNodeData, "GET", "/local/console"));
  status.node_answers = true;
  status.set_up = is_true(console, "set_up");
  status.fingerprint = text_of(console, "fingerprint");
  status.code = text_of(console, "code");
  const Json node = object_of(ask_node(host::kNodeData, "GET", "/api/v1/node"));
  status.clock = clock_words(node);
  if (const Json* problems = node.find("problems"))
    for (const Json& sentence : problems->items) status.troubles.push_back(sentence.text);
}

void ask_the_helper(ConsoleStatus& status) {
  const Json host = ask_host("state");
  if (const Json* data = host.find("data")) {
    status.data_device = text_of(*data, "device");
    status.data = text_of(*data, "sentence");
    status.data_bad = is_true(*data, "bad");
  }
  if (const Json* file = host.find("setup_file"))
    if (const std::string sentence = text_of(*file, "sentence"); !sentence.empty())
      (is_true(*file, "bad") ? status.troubles : status.notes).push_back(sentence);
  if (const std::string trial = text_of(host, "trial"); !trial.empty()) status.notes.push_back(trial);
  const Json* const shell = host.find("shell");
  if (const Json* waiting = shell ? shell->find("waiting") : nullptr)
    for (const Json& key : waiting->items) status.waiting_keys.push_back(key.text);
  if (const std::string key = shell ? text_of(*shell, "fingerprint") : ""; !key.empty())
    status.notes.push_back("A remote shell is open to whoever holds one of the keys, as root; its own key is " + key +
                           ".");
  if (const Json* network = host.find("network"))
    for (const Json& sentence : network->items) status.troubles.push_back(sentence.text);
}

/// Why the node ended, if it said so lately: "sonde: the data folder ...". Other programs write to the same log.
std::string why_no_node() {
  constexpr std::streamoff kEnough = 4096;
  constexpr std::string_view kName = "sonde: ";
  std::ifstream log(host::kLog, std::ios::ate);
  if (!log) return {};
  log.seekg(std::max<std::streamoff>(0, log.tellg() - kEnough));
  std::string last;
  for (std::string line; std::getline(log, line);)
    if (line.starts_with(kName)) last = line.substr(kName.size());
  return last.empty() ? last : "The node does not start: " + last;
}

}  // namespace

ConsoleStatus read_console_status() {
  ConsoleStatus status;
  status.version = version();
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) status.name = name.data();
  try {
    add_pages(status);
    ask_the_node(status);
  } catch (const Error&) {
    status.node_answers = false;
    if (const std::string why = why_no_node(); !why.empty()) status.troubles.push_back(why);
  }
  try {
    ask_the_helper(status);
  } catch (const Error& error) {
    status.troubles.push_back(error.what());
  }
  // The node tells it, too.
  std::erase(status.troubles, status.data);
  return status;
}

}  // namespace sonde
