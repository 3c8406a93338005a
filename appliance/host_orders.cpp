// What the page asks of the root helper.
#include <algorithm>

#include "appliance/host_door.h"
#include "core/base/error.h"
#include "core/base/json_fields.h"
#include "core/setup/facts.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

std::string drive_words(const std::string& drive, const std::string& serial) {
  return JsonWriter().begin_object().field("disk", drive).field("serial", serial).end_object().take();
}

Problem no_drive(const std::string& name) {
  return {409, "drive", "There is no drive " + name + " here any more: look at the list again."};
}

/// Empty: the person typed what is written on the drive, and so knows which one is lost.
std::optional<Problem> check_typed(const MachineDrive& drive, const std::string& typed, const std::string& what) {
  const bool numbered = !drive.serial.empty();
  if (typed == drive.proof()) return std::nullopt;
  const std::string is = numbered ? "its serial number" : "its name, because it has no serial number";
  const std::string lost = drive.content == kEmptyDisk
                               ? drive.name + " is empty"
                               : what + " " + drive.name + " loses all that is on it (" + drive.content + "), for good";
  if (typed.empty()) return Problem{422, "typed", lost + ". Type " + is + ", " + drive.proof() + ", to agree."};
  return Problem{422, "typed",
                 "That is not what " + drive.name + " is called: " + is + " is " + drive.proof() + ", not " +
                     typed.substr(0, 64) + ". Look which drive is meant. Nothing was changed."};
}

std::string trimmed(const std::string& typed) {
  const auto first = typed.find_first_not_of(" \t"), last = typed.find_last_not_of(" \t");
  return first == std::string::npos ? "" : typed.substr(first, last - first + 1);
}

}  // namespace

std::optional<Problem> HostDoor::refuse_while_busy() const {
  const std::lock_guard lock(mutex_);
  const bool ours = order_ && !order_->ended;
  if (!ours && !upgrading_ && !(newest_ && newest_->work && !newest_->work->ended)) return std::nullopt;
  return Problem{409, "", "Something else is being done with this machine at the moment: wait for its end."};
}

std::optional<Problem> HostDoor::need_slots() const {
  const auto now = newest();
  if (now && now->installed) return std::nullopt;
  return Problem{409, "",
                 "This system was not started from a disk that it is installed on: install it first; the medium itself "
                 "cannot be upgraded."};
}

std::optional<Problem> HostDoor::check_data(const DriveChoice& choice) {
  if (choice.drive == kInMemory) return std::nullopt;
  try {
    const MachineView seen = look_at_drives();
    if (seen.data_device == choice.drive) return std::nullopt;
    const auto drive = std::ranges::find(seen.drives, choice.drive, &MachineDrive::name);
    if (drive == seen.drives.end()) return no_drive(choice.drive);
    if (!seen.data_device.empty())
      return Problem{409, "drive",
                     "Data are kept on " + seen.data_device +
                         " already. Make a backup, and restore it after starting with the other drive."};
    if (drive->ours && !choice.format) return std::nullopt;
    return check_typed(*drive, choice.format ? trimmed(choice.typed) : "", "Formatting");
  } catch (const Error& error) {
    return Problem{503, "", error.what()};
  }
}

std::optional<Problem> HostDoor::use_data(const DriveChoice& choice, const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (auto refused = check_data(choice)) return refused;
  try {
    const MachineView seen = look_at_drives();
    if (choice.drive == kInMemory || seen.data_device == choice.drive) return std::nullopt;
    const auto drive = std::ranges::find(seen.drives, choice.drive, &MachineDrive::name);
    if (drive == seen.drives.end()) return no_drive(choice.drive);
    record("Data are to be kept on " + drive->name + (choice.format ? ", which is formatted for it." : "."), by);
    const std::string words = JsonWriter()
                                  .begin_object()
                                  .field("disk", drive->name)
                                  .field("serial", drive->serial)
                                  .field("format", choice.format)
                                  .end_object()
                                  .take();
    return order(
        "use-data", words,
        (choice.format ? "Formatting " : "Taking ") + drive->name + "; then the node starts anew with its data there.");
  } catch (const Error& error) {
    return Problem{503, "", error.what()};
  }
}

std::optional<Problem> HostDoor::order(const std::string& word, const std::string& arguments,
                                       const std::string& sentence) {
  {
    const std::lock_guard lock(mutex_);
    if (order_ && !order_->ended) return Problem{409, "", "That has begun already."};
    order_ = MachineWork{.word = word, .sentence = sentence};
  }
  if (worker_.post([this, word, arguments] { carry_out(word, arguments); })) return std::nullopt;
  const std::lock_guard lock(mutex_);
  order_.reset();
  return Problem{503, "", "Too much waits for the root helper; try again in a moment."};
}

/// On the worker: the answer to whoever asked gets away first.
void HostDoor::carry_out(const std::string& word, const std::string& arguments) {
  std::string sentence;
  bool failed = false;
  try {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop_.get_token(), parts_.farewell, [] { return false; });
    }
    if (stop_.stop_requested()) throw Error("The node ended before it was done.");
    sentence = text_of(ask(word, arguments, 1h), "sentence");
  } catch (const Error& error) {
    if (stop_.stop_requested()) return;
    failed = true;
    sentence = error.what();
    parts_.log.error("the root helper did not do what it was asked", {{"word", word}, {"why", sentence}});
  }
  const std::lock_guard lock(mutex_);
  // A machine that starts again is not done before it does.
  order_->sentence = sentence;
  order_->failed = failed;
  order_->ended = failed || word == "use-data";
  poked_ = true;
  changed_.notify_all();
}

std::optional<Problem> HostDoor::begin(const std::string& word, const std::string& arguments) {
  try {
    ask(word, arguments);
  } catch (const Error& error) {
    return Problem{409, "", error.what()};
  }
  const std::lock_guard lock(mutex_);
  order_.reset();
  upgrading_ |= word == "upgrade";
  poked_ = true;
  changed_.notify_all();
  return std::nullopt;
}

std::optional<Problem> HostDoor::install(const DriveChoice& choice, const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  try {
    const MachineView seen = look_at_drives();
    const auto drive = std::ranges::find(seen.drives, choice.drive, &MachineDrive::name);
    if (drive == seen.drives.end() || !drive->whole) return no_drive(choice.drive);
    if (!drive->why_no_install.empty()) return Problem{409, "drive", drive->why_no_install};
    if (auto refused = check_typed(*drive, trimmed(choice.typed), "Installing on")) return refused;
    if (auto refused = begin("install", drive_words(drive->name, drive->serial))) return refused;
    record("The system is being installed on " + drive->name + ".", by);
    return std::nullopt;
  } catch (const Error& error) {
    return Problem{503, "", error.what()};
  }
}

std::optional<Problem> HostDoor::take_image(const Reader& read, std::uint64_t octets, bool older,
                                            const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (auto refused = need_slots()) return refused;
  if (auto refused = image_.take(read, octets, older)) return refused;
  record("The image of version " + image_.view().version + " was uploaded.", by);
  return std::nullopt;
}

std::optional<Problem> HostDoor::fetch_image(const std::string& url, bool older, const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (auto refused = need_slots()) return refused;
  if (auto refused = image_.fetch(url, older)) return refused;
  record("An image is fetched from " + image_.view().from + ".", by);
  return std::nullopt;
}

std::optional<Problem> HostDoor::drop_image(const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (image_.view().state == MachineImage::State::none) return Problem{404, "", "There is no image here."};
  image_.drop();
  record("The image of an upgrade was deleted.", by);
  return std::nullopt;
}

std::optional<Problem> HostDoor::upgrade(bool older, const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (auto refused = need_slots()) return refused;
  const MachineImage image = image_.view();
  if (image.state != MachineImage::State::ready)
    return Problem{409, "", "There is no image here: upload one, or have it fetched, first."};
  if (image.older && !older)
    return Problem{422, "password",
                   "Version " + image.version +
                       " is older than what runs. Where the other slot holds it, use “go back”; else give your "
                       "password to take it all the same."};
  const std::string words = JsonWriter().begin_object().field("older", older).end_object().take();
  if (auto refused = begin("upgrade", words)) return refused;
  record("Version " + image.version + " is being written to the other slot.", by);
  return std::nullopt;
}

std::optional<Problem> HostDoor::go_back(const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  if (auto refused = need_slots()) return refused;
  if (auto refused = begin("go-back", "{}")) return refused;
  record("The next start is to go back to the system in the other slot.", by);
  return std::nullopt;
}

std::optional<Problem> HostDoor::restart(const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  record("This machine is started again.", by);
  return order("reboot", "{}", "The machine starts again.");
}

std::optional<Problem> HostDoor::power_off(const std::string& by) {
  if (auto refused = refuse_while_busy()) return refused;
  record("This machine is switched off.", by);
  return order("power-off", "{}", "The machine goes off.");
}

}  // namespace sonde
