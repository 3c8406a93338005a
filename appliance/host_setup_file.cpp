#include "appliance/host_setup_file.h"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "appliance/linux_data_machine.h"
#include "appliance/local_client.h"
#include "appliance/setup_commands.h"
#include "appliance/setup_facts.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/config/text_rules.h"
#include "core/host/host_reading.h"
#include "core/net/linux_interfaces.h"
#include "core/setup/setup_file.h"

namespace sonde {
namespace {

constexpr const char* kMountedAt = "/run/sonde/setup-medium";
constexpr const char* kFileName = "sonde-setup.xml";
constexpr const char* kIgnored = " was ignored: this node is set up already.";
constexpr auto kTryAgain = std::chrono::seconds(30);

struct Found {
  std::string text;
  std::string where;  ///< "sonde-setup.xml on vdb"
};

std::optional<std::string> read_from(const std::string& device) {
  static constexpr const char* kTypes[] = {"vfat", "iso9660", "ext4"};
  make_folder(kMountedAt, 0700);
  const std::string path = "/dev/" + device;
  for (const char* type : kTypes) {
    if (::mount(path.c_str(), kMountedAt, type, MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, nullptr) != 0) continue;
    auto text = read_start(std::string(kMountedAt) + "/" + kFileName, kMostSetupFileOctets + 1);
    ::umount2(kMountedAt, MNT_DETACH);
    return text;
  }
  return std::nullopt;
}

std::vector<std::string> setup_volumes(const std::vector<Disk>& disks) {
  std::vector<std::string> found;
  const auto look = [&](const std::string& name, const BlockContent& content, bool booted_from) {
    if (content.label == "SONDE_SETUP" || (booted_from && content.label == "SONDE_EFI")) found.push_back(name);
  };
  for (const Disk& disk : disks) {
    look(disk.name, disk.content, false);
    for (const Partition& part : disk.partitions) look(part.name, part.content, disk.booted_from);
  }
  // Discs keep no data, so they are not among the disks.
  for (const std::string& name : names_in("/sys/class/block"))
    if (name.starts_with("sr")) look(name, content_of(name), false);
  return found;
}

std::optional<Found> find_on_media(const HostData& data) {
  for (const std::string& device : setup_volumes(data.disks()))
    if (auto text = read_from(device)) return Found{std::move(*text), std::string(kFileName) + " on " + device};
  return std::nullopt;
}

/// Of the kernel's command line.
std::string boot_word(const std::string& name) {
  for (const std::string& word : words_of(read_start("/proc/cmdline", 4096).value_or("")))
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  return {};
}

/// What the kernel's command line announces: 64 hexadecimal digits.
std::string announced_sum(const std::string& address) {
  std::string sum = boot_word("sonde.setup.sha256");
  for (char& c : sum) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error("The kernel's command line names " + address +
                " as set-up file but not its hash: add sonde.setup.sha256= with 64 hexadecimal digits.");
  return sum;
}

/// Fetched by a process without rights; what it brings counts only if it is what was announced.
std::string fetch(const std::string& address) {
  const std::string sum = announced_sum(address), into = "/tmp/" + std::string(kFileName);
  const ProgramOutcome fetched =
      run_program({"/usr/bin/setpriv", "--reuid", host::kUser, "--regid", host::kUser, "--clear-groups",
                   "--no-new-privs", "--bounding-set", "-all", "/usr/bin/sonde", "fetch-setup", address, into},
                  {}, std::chrono::seconds(90));
  const std::string text = read_start(into, kMostSetupFileOctets + 1).value_or("");
  ::unlink(into.c_str());
  if (fetched.status != 0) {
    constexpr std::string_view kBefore = "sonde: ";
    const std::string why = fetched.said.starts_with(kBefore) ? fetched.said.substr(kBefore.size()) : fetched.said;
    throw Error(address + " could not be fetched. " + why + " It is tried again every half minute.");
  }
  Digest digest;
  digest.add(text);
  if (digest.hex() != sum)
    throw Error(address + " is another file than the kernel's command line announces (its SHA-256 differs).");
  return text;
}

void put_data_on(const std::string& device, HostData& data) {
  if (device.empty() || device == kInMemory || device == data.state().device) return;
  const auto disks = data.disks();
  const auto disk = std::ranges::find(disks, device, &Disk::name);
  const auto places = places_for_data(disks);
  const auto place = std::ranges::find(places, device, &FoundDisk::name);
  // At a start before this one the drive was formatted, and the power went before the node was set up.
  if (disk != disks.end() &&
      std::ranges::find(disk->partitions, data.state().device, &Partition::name) != disk->partitions.end())
    return;
  const bool empty = place != places.end() && place->content == kEmptyDisk;
  if (place != places.end() && !empty && !place->ours)
    throw Error(device + " holds " + place->content +
                ": a set-up file has only an empty drive formatted. Empty it, or choose where data are kept on the "
                "page or the console.");
  data.use(device, disk == disks.end() ? "" : disk->serial, empty);
}

void wait_for_node() {
  for (int seconds = 0; seconds < 120; ++seconds) {
    try {
      if (ask_node(host::kNodeData, "GET", "/local/console").status == 200) return;
    } catch (const Error&) {
      // It is starting with its data at their new place.
    }
    ::sleep(1);
  }
  throw Error("The node did not start within two minutes.");
}

/// On a thread of its own.
SetupFileOutcome ask_node_to_set_up(const SetupFile& file, const std::string& where) {
  try {
    wait_for_node();
    set_up_node(host::kNodeData, file);
    const auto keys = file.answers.find("management.shell_keys");
    return {"This node was set up by " + where + ".", false, true,
            keys == file.answers.end() ? std::vector<std::string>() : split_list(keys->second)};
  } catch (const std::exception& error) {
    return {where + " was not used: " + error.what(), true, false};
  }
}

}  // namespace

SetupFileOutcome UnattendedSetup::use(const std::string& text, const std::string& where, HostData& data) {
  SetupFacts facts = setup_facts(read_interfaces());
  facts.appliance = true;
  facts.disks = places_for_data(data.disks());
  SetupFileParsed parsed = parse_setup_file(text, where, facts);
  if (!parsed.file) return {parsed.sentence + " Nothing was changed.", true, false};
  if (const auto device = parsed.file->answers.find("data.device"); device != parsed.file->answers.end()) {
    put_data_on(device->second, data);
    // A formatted drive is known by its partition from now on.
    device->second = data.state().device.empty() ? kInMemory : data.state().device;
  }
  asked_ = std::async(std::launch::async, ask_node_to_set_up, std::move(*parsed.file), where);
  return {};
}

SetupFileOutcome UnattendedSetup::look(HostData& data, bool node_is_set_up) {
  std::string where = kFileName;
  try {
    const auto found = find_on_media(data);
    if (!found) return {};
    where = found->where;
    if (node_is_set_up) return {where + kIgnored, false, false};
    return use(found->text, where, data);
  } catch (const std::exception& error) {
    return {where + " was not used: " + error.what(), true, false};
  }
}

/// On a thread of its own: the network may be slow to come, or never.
UnattendedSetup::Fetched UnattendedSetup::fetch_if_wanted(const std::string& address) {
  try {
    if (node_is_set_up(host::kNodeData)) return {.ignored = true, .outcome = {address + kIgnored, false, false}};
    return {.text = fetch(address)};
  } catch (const std::exception& error) {
    return {.outcome = {std::string(error.what()) + " Nothing was changed.", true, false}};
  }
}

void UnattendedSetup::try_address(SteadyTime now) {
  if (busy() || address_done_ || now < next_try_) return;
  next_try_ = now + kTryAgain;
  address_ = boot_word("sonde.setup");
  address_done_ = address_.empty();
  if (!address_done_)
    fetching_ = std::async(std::launch::async, [address = address_] { return fetch_if_wanted(address); });
}

std::optional<SetupFileOutcome> UnattendedSetup::ended(HostData& data) {
  const auto ready = [](const auto& what) {
    return what.valid() && what.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  if (ready(asked_)) {
    const SetupFileOutcome outcome = asked_.get();
    address_done_ |= outcome.done;
    return outcome;
  }
  if (!ready(fetching_)) return std::nullopt;
  Fetched fetched = fetching_.get();
  address_done_ = fetched.ignored;
  SetupFileOutcome outcome = std::move(fetched.outcome);
  try {
    if (fetched.text) outcome = use(*fetched.text, address_, data);
  } catch (const std::exception& error) {
    outcome = {address_ + " was not used: " + error.what(), true, false};
  }
  return outcome.sentence.empty() ? std::nullopt : std::optional(std::move(outcome));
}

}  // namespace sonde
