#include "appliance/host_door.h"

#include <sys/statvfs.h>

#include <filesystem>

#include "appliance/host_view.h"
#include "appliance/host_words.h"
#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "core/net/linux_interfaces.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr Duration kQuiet = 60s;    ///< between looks that nobody waits for
constexpr Duration kKeysWait = 5s;  ///< the same while somebody may let keys in at the console
constexpr Duration kWanted = 10s;   ///< how long a look stands for interest
constexpr Duration kFirst = 3s;     ///< for the first picture
constexpr Duration kFetch = 2h;     ///< for the whole of an image

/// Whether the helper reads something else from it: names, addresses, time, and what the firewall lets in.
bool same_for_host(const Config& a, const Config& b) {
  return a.host == b.host && a.engine_rules == b.engine_rules && a.settings.test_ports == b.settings.test_ports;
}

web::FetchRules image_rules() {
  web::FetchRules rules{.silence = 30s, .whole = kFetch};
  for (const InterfaceState& interface : read_interfaces())
    for (const Prefix& own : interface.addresses) rules.own.push_back(own.address);
  return rules;
}

}  // namespace

HostDoor::HostDoor(Parts parts)
    : parts_(std::move(parts)),
      image_({.places = parts_.places,
              .room =
                  [this] {
                    const auto now = newest();
                    const auto folder = std::filesystem::path(parts_.places.staged).parent_path();
                    return staging_room(folder.string(), !now || now->data_device.empty());
                  },
              .rules = parts_.rules ? parts_.rules : image_rules,
              .log = parts_.log}),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

HostDoor::~HostDoor() { stop(); }

void HostDoor::stop() {
  stop_.request_stop();
  watcher_.request_stop();
  changed_.notify_all();
}

Json HostDoor::ask(const std::string& word, const std::string& arguments, Duration limit) const {
  return parts_.ask(word, arguments, limit, stop_.get_token());
}

void HostDoor::record(const std::string& sentence, const std::string& by) const {
  parts_.log.info(sentence, {{"by", by}});
  if (record_) record_(sentence + " Asked for by " + by + ".");
}

void HostDoor::running(const std::shared_ptr<const Config>& config) {
  const bool first = !applied_;
  const bool same = first || same_for_host(*applied_, *config);
  applied_ = config;
  // At the start the helper read the same file.
  if (same) return;
  worker_.post([this] {
    try {
      const std::string sentence = text_of(ask("apply", "{}", 60s), "sentence");
      if (!sentence.empty()) parts_.log.warning("not all of the host's settings are in force", {{"why", sentence}});
      const std::lock_guard lock(mutex_);
      poked_ = true;
      changed_.notify_all();
    } catch (const Error& error) {
      parts_.log.warning("the host's settings are not in force", {{"why", error.what()}});
    }
  });
}

std::optional<std::string> HostDoor::mend(std::string_view row) const {
  try {
    ask("mend", JsonWriter().begin_object().field("key", row).end_object().take(), 60s);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

std::string HostDoor::trouble() const {
  const HostData::State data = load_data_state();
  return data.bad ? data.sentence : std::string();
}

void HostDoor::add(SetupFacts& facts) const {
  facts.appliance = true;
  try {
    for (const MachineDrive& one : look_at_drives().drives)
      facts.disks.push_back({one.name, one.title, one.octets, one.content, one.ours, one.serial});
  } catch (const Error& error) {
    parts_.log.warning("the drives are not known", {{"why", error.what()}});
  }
}

std::shared_ptr<const MachineView> HostDoor::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void HostDoor::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look();
    std::unique_lock lock(mutex_);
    const auto now = steady_clock::now();
    const bool busy = newest_ && newest_->work && !newest_->work->ended;
    const Duration quiet = newest_ && newest_->waiting_keys > 0 ? kKeysWait : kQuiet;
    const Duration wait = busy || now < wanted_until_ ? parts_.look : quiet;
    changed_.wait_for(lock, stop, wait, [this] { return poked_; });
    poked_ = false;
  }
}

/// On the watcher's thread.
void HostDoor::look() {
  auto made = std::make_shared<MachineView>();
  if (const auto before = newest()) *made = *before;
  try {
    // While the helper moves the data it answers nobody.
    const bool moving = [this] {
      const std::lock_guard lock(mutex_);
      return order_ && !order_->ended;
    }();
    if (!moving) {
      read_host_state(ask("state"), *made);
      read_host_slots(ask("slots"), *made);
      made->known = true;
      made->sentence.clear();
    }
  } catch (const Error& error) {
    made->sentence = error.what();
  }
  struct statvfs facts {};
  // Compressed memory shows itself larger than it is.
  if (!made->data_device.empty() && ::statvfs(parts_.data.c_str(), &facts) == 0) {
    made->data_octets = static_cast<std::uint64_t>(facts.f_blocks) * facts.f_frsize;
    made->data_free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  }
  if (made->known) follow_upgrade(*made);
  const std::lock_guard lock(mutex_);
  newest_ = std::move(made);
  looked_ = steady_clock::now();
  changed_.notify_all();
}

/// The file goes once the helper has read it to its end or refused it; so does one that an earlier life left behind.
void HostDoor::follow_upgrade(const MachineView& view) {
  const bool works = view.work && view.work->word == "upgrade" && !view.work->ended;
  bool over = false;
  {
    const std::lock_guard lock(mutex_);
    over = !works && (upgrading_ || !settled_);
    settled_ = true;
    upgrading_ = works;
  }
  if (over) image_.drop();
}

MachineView HostDoor::view() {
  std::unique_lock lock(mutex_);
  const auto now = steady_clock::now();
  wanted_until_ = now + kWanted;
  if (now - looked_ > parts_.look) {
    poked_ = true;
    changed_.notify_all();
  }
  changed_.wait_for(lock, stop_.get_token(), kFirst, [this] { return newest_ != nullptr; });
  MachineView told = newest_ ? *newest_ : MachineView{.sentence = "The root helper has not answered yet."};
  if (order_) told.work = order_;
  lock.unlock();
  told.image = image_.view();
  return told;
}

MachineView HostDoor::look_at_drives() const {
  MachineView seen;
  read_host_state(ask("state"), seen);
  return seen;
}

}  // namespace sonde
