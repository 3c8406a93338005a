#include "appliance/host_words.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_fields.h"
#include "core/config/config_file.h"
#include "core/config/config_store.h"
#include "core/host/disk_layout.h"
#include "core/host/host_reading.h"
#include "core/host/tuning.h"
#include "probes/catalogue.h"

namespace sonde {
namespace {

constexpr const char* kDataState = "/run/sonde/data.json";

void write_state(JsonWriter& out, const HostData::State& state) {
  out.begin_object().field("device", state.device).field("uuid", state.uuid).field("sentence", state.sentence);
  out.field("bad", state.bad).key("refused").begin_array();
  for (const std::string& device : state.refused) out.value(device);
  out.end_array().end_object();
}

/// Why the system cannot be put on that drive, whose serial number the person is going to be shown.
std::string why_no_system(const Disk& drive, const std::string& data_device) {
  if (std::ranges::count(drive.partitions, data_device, &Partition::name) > 0)
    return "Data are kept on " + data_device +
           ", which is a part of that drive. To free it make a backup, and delete that partition on another host.";
  const auto sector = read_number("/sys/block/" + drive.name + "/queue/logical_block_size");
  return why_not_install(drive, drive.serial, sector.value_or(512));
}

std::string tell_state(HostParts parts) {
  JsonWriter out;
  out.begin_object().key("data");
  write_state(out, parts.data.state());
  out.key("disks").begin_array();
  const auto drives = parts.data.disks();
  for (const FoundDisk& disk : places_for_data(drives)) {
    const auto drive = std::ranges::find(drives, disk.name, &Disk::name);
    out.begin_object().field("name", disk.name).field("title", disk.title).field("octets", disk.octets);
    out.field("content", disk.content).field("ours", disk.ours);
    out.field("serial", drive == drives.end() ? "" : drive->serial).field("whole", drive != drives.end());
    out.field("no_install",
              drive == drives.end() ? "This is a part of a drive." : why_no_system(*drive, parts.data.state().device))
        .end_object();
  }
  out.end_array().key("network").begin_array();
  for (const std::string& sentence : parts.network.sentences()) out.value(sentence);
  out.end_array().field("watchdog", parts.watch.has_watchdog()).field("node_answers", parts.watch.node_answers());
  out.key("shell").begin_object().field("keys", std::uint64_t{parts.network.shell().keys()});
  out.field("fingerprint", parts.network.shell().fingerprint()).key("waiting").begin_array();
  for (const std::string& key : parts.network.keys().waiting()) out.value(key);
  out.end_array().end_object();
  out.field("trial", parts.slots.trial_sentence());
  out.key("setup_file").begin_object().field("sentence", parts.setup_file.sentence);
  return out.field("bad", parts.setup_file.bad).end_object().end_object().take();
}

std::string say(const std::string& sentence) {
  return JsonWriter().begin_object().field("sentence", sentence).end_object().take();
}

std::string apply_settings(HostParts parts) {
  std::string sentence;
  parts.network.apply(read_host_config(sentence));
  for (const std::string& one : parts.network.sentences()) sentence += (sentence.empty() ? "" : " ") + one;
  return say(sentence);
}

std::string use_data(const Json& arguments, HostParts parts) {
  std::string sentence;
  {
    const HostWatch::Quiet quiet(parts.watch);
    sentence = parts.data.use(text_of(arguments, "disk"), text_of(arguments, "serial"), is_true(arguments, "format"));
  }
  save_data_state(parts.data.state());
  std::string broken;
  parts.network.apply(read_host_config(broken));
  return say(sentence);
}

std::string mend(const Json& arguments) {
  const TuningRow* const row = tuning_row(text_of(arguments, "key"));
  if (!row) throw Error("There is no such setting.");
  const TuningOutcome outcome = apply(*row, real_host(host::kNodeData));
  if (!outcome.done) throw Error(outcome.sentence);
  return say(outcome.sentence);
}

/// busybox init ends everything in order, then the machine.
std::string leave(int signal) {
  if (::kill(1, signal) != 0) throw Error("tell", "init", errno);
  return say(signal == SIGTERM ? "The machine starts again." : "The machine goes off.");
}

std::string accept_keys(const Json& arguments, HostParts parts, HostAsker asker) {
  if (asker != HostAsker::root) throw Error("A key is let in at the machine's console only.");
  std::vector<std::string> keys;
  if (const Json* list = arguments.find("keys"))
    for (const Json& key : list->items) keys.push_back(key.text);
  const std::string sentence = sonde::accept_keys(keys, "at the console", parts.network);
  if (sentence.empty()) throw Error("None of these keys waits to be let in: look at the list again.");
  return say(sentence);
}

std::string answer(const Json& request, HostParts parts, HostAsker asker, bool waited_for) {
  static const Json kNone{.kind = Json::Kind::object};
  const Json* const found = request.find("arguments");
  const Json& arguments = found ? *found : kNone;
  const std::string word = text_of(request, "word");
  // What nobody waits for any more is not begun; settings that were stored come into force all the same.
  if (!waited_for && word != "apply") throw Error("Nobody waits for this any more.");
  if (HostSlotWords::knows(word)) return parts.slots.answer(word, arguments);
  if (word == "state") return tell_state(parts);
  if (word == "apply") return apply_settings(parts);
  if (word == "use-data") return use_data(arguments, parts);
  if (word == "accept-keys") return accept_keys(arguments, parts, asker);
  if (word == "mend") return mend(arguments);
  if (word == "reboot") {
    // What leads out now is what the system that is tried then must not lose.
    if (!parts.slots.on_trial() && std::filesystem::exists(host::kReachBefore)) HostNetwork::remember_reach();
    return leave(SIGTERM);
  }
  if (word == "power-off") return leave(SIGUSR2);
  throw Error("The root helper does not know this word.");
}

}  // namespace

std::string answer_host(const std::string& request, HostParts parts, HostAsker asker, bool waited_for) {
  try {
    const JsonParsed parsed = parse_json(request);
    if (!parsed.value || parsed.value->kind != Json::Kind::object) throw Error("The request cannot be read.");
    return answer(*parsed.value, parts, asker, waited_for);
  } catch (const std::exception& error) {
    return JsonWriter().begin_object().field("refused", error.what()).end_object().take();
  }
}

std::string accept_keys(std::span<const std::string> keys, const std::string& by, HostNetwork& network) {
  const std::size_t accepted = network.keys().accept(keys);
  if (accepted == 0) return {};
  std::string broken;
  network.apply(read_host_config(broken));
  std::string sentence = accepted == 1 ? "One key opens the remote shell now."
                                       : std::to_string(accepted) + " keys open the remote shell now.";
  std::cerr << "Sonde: " << sentence << " Let in " << by << ".\n";
  for (const std::string& one : network.sentences()) sentence += " " + one;
  return sentence;
}

Config read_host_config(std::string& sentence) {
  const ConfigStore store(host::kNodeData, probe_catalogue());
  std::vector<std::string> paths = store.versions();
  paths.push_back(store.path());
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    const auto text = read_start(*path, kMostConfigOctets);
    if (!text) continue;
    ConfigParsed parsed = parse_config(*text, "sonde.xml", probe_catalogue());
    if (parsed.config) return std::move(*parsed.config);
    if (sentence.empty()) sentence = parsed.sentence;
  }
  return {};
}

void save_data_state(const HostData::State& state) {
  JsonWriter out;
  write_state(out, state);
  // The node reads it, too.
  write_file_atomically(kDataState, out.text(), 0644);
}

HostData::State load_data_state() {
  const JsonParsed parsed = parse_json(read_start(kDataState, 64 << 10).value_or("{}"));
  if (!parsed.value) return {};
  HostData::State state{text_of(*parsed.value, "device"),
                        text_of(*parsed.value, "uuid"),
                        text_of(*parsed.value, "sentence"),
                        is_true(*parsed.value, "bad"),
                        {}};
  if (const Json* refused = parsed.value->find("refused"))
    for (const Json& device : refused->items) state.refused.insert(device.text);
  return state;
}

}  // namespace sonde
