#include "appliance/host_door.h"

#include <algorithm>
#include <thread>

#include "appliance/host_client.h"
#include "appliance/host_words.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

/// Whether the helper reads something else from it: names, addresses, time, and what the firewall lets in.
bool same_for_host(const Config& a, const Config& b) {
  return a.host == b.host && a.engine_rules == b.engine_rules && a.settings.test_ports == b.settings.test_ports;
}

std::string text(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found ? found->text : std::string();
}

}  // namespace

void HostDoor::running(const std::shared_ptr<const Config>& config) {
  const bool first = !applied_;
  const bool same = first || same_for_host(*applied_, *config);
  applied_ = config;
  // At the start the helper read the same file.
  if (same) return;
  worker_.post([this] {
    try {
      const std::string sentence = text(ask_host("apply", "{}", 60s), "sentence");
      if (!sentence.empty()) log_.warning("not all of the host's settings are in force", {{"why", sentence}});
    } catch (const Error& error) {
      log_.warning("the host's settings are not in force", {{"why", error.what()}});
    }
  });
}

std::optional<std::string> HostDoor::mend(std::string_view row) const {
  try {
    ask_host("mend", JsonWriter().begin_object().field("key", row).end_object().text(), 60s);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

std::optional<std::string> HostDoor::keep_data_on(const std::string& device) {
  try {
    const Json state = ask_host("state");
    const Json* data = state.find("data");
    if (device == kInMemory || (data && text(*data, "device") == device)) return std::nullopt;
    SetupFacts facts;
    add(facts);
    const auto disk = std::ranges::find(facts.disks, device, &FoundDisk::name);
    if (disk == facts.disks.end()) return "There is no drive " + device + " here any more.";
    if (!disk->ours)
      return device + " must be formatted first, which is done on the console (d, Data): answer " + kInMemory +
             " here; what is measured until then moves over.";
  } catch (const Error& error) {
    return error.what();
  }
  // The node starts anew with the data there, so the answer goes out first.
  worker_.post([this, device] {
    std::this_thread::sleep_for(2s);
    try {
      ask_host("use-data", JsonWriter().begin_object().field("disk", device).end_object().text(), 1h);
    } catch (const Error& error) {
      log_.error("data are not kept where they should be", {{"why", error.what()}});
    }
  });
  return std::nullopt;
}

std::string HostDoor::trouble() const {
  const HostData::State data = load_data_state();
  return data.bad ? data.sentence : std::string();
}

void HostDoor::add(SetupFacts& facts) const {
  facts.appliance = true;
  try {
    const Json state = ask_host("state");
    if (const Json* disks = state.find("disks"))
      for (const Json& one : disks->items) {
        const Json *octets = one.find("octets"), *ours = one.find("ours");
        facts.disks.push_back({text(one, "name"), text(one, "title"),
                               octets ? static_cast<std::uint64_t>(octets->number) : 0, text(one, "content"),
                               ours && ours->boolean});
      }
  } catch (const Error& error) {
    log_.warning("the drives are not known", {{"why", error.what()}});
  }
}

}  // namespace sonde
