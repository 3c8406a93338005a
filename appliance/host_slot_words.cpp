#include "appliance/host_slot_words.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "appliance/host_install.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_fields.h"

namespace sonde {
namespace {

std::string say(const std::string& sentence) {
  return JsonWriter().begin_object().field("sentence", sentence).end_object().take();
}

void write_report(JsonWriter& out, const SlotReport& report) {
  out.field("sentence", report.sentence).field("running", std::string(1, report.running));
  out.field("on_trial", report.on_trial).field("trusted", std::string(1, report.env.slot));
  out.field("trial", report.env.trial ? std::string(1, *report.env.trial) : "").field("tried", report.env.tried);
  out.key("slots").begin_array();
  for (const SlotReport::One& one : report.slots) {
    out.begin_object().field("slot", std::string(1, one.slot)).field("version", one.image ? one.image->version : "");
    out.field("signed_by", one.image ? one.image->key : "");
    out.field("sentence", one.sentence).end_object();
  }
  out.end_array();
}

const SlotDisk& need(const std::optional<SlotDisk>& disk) {
  if (!disk) throw Error("This system was not started from a disk that it is installed on: there are no slots.");
  return *disk;
}

}  // namespace

HostSlotWords::HostSlotWords(SlotPlaces places, std::function<void()> to_be_tried)
    : places_(std::move(places)),
      to_be_tried_(std::move(to_be_tried)),
      disk_(find_slots(places_)),
      decided_(std::filesystem::exists(places_.confirmed)) {}

bool HostSlotWords::knows(const std::string& word) {
  static constexpr std::string_view kWords[] = {"slots", "install", "upgrade", "go-back", "confirm"};
  return std::ranges::find(kWords, word) != std::end(kWords);
}

std::string HostSlotWords::answer(const std::string& word, const Json& arguments) {
  if (word == "slots") return tell();
  if (works()) throw Error("Something else is being written at the moment: wait for its end.");
  if (word == "install")
    return begin(word,
                 [this, disk = text_of(arguments, "disk"), serial = text_of(arguments, "serial")](const auto& tell) {
                   install_to_disk(places_, disk, serial, tell);
                   return std::string(
                       "The system is on the disk. Switch the machine off, take the medium out, and switch it on. "
                       "What is kept in memory only is lost with that: to keep it choose the disk's "
                       "data partition under Data first.");
                 });
  need(disk_);
  if (word == "upgrade")
    return begin(word, [this, older = is_true(arguments, "older")](const auto& tell) {
      const auto written = write_upgrade(*disk_, read_trust(places_), places_.staged, older, tell);
      if (to_be_tried_) to_be_tried_();
      return "Version " + written.version + " is ready: the next start tries it.";
    });
  if (word == "go-back")
    return begin(word, [this](const auto& tell) {
      const auto back = go_back(*disk_, read_trust(places_), tell);
      if (to_be_tried_) to_be_tried_();
      return "The next start goes back to version " + back.version + ".";
    });
  if (word != "confirm") throw Error("The root helper does not know this word.");
  confirm();
  decided_ = true;
  return say("The system that runs is trusted from now on.");
}

std::string HostSlotWords::tell() const {
  JsonWriter out;
  const ImageTrust trust = read_trust(places_);
  out.begin_object().field("installed", disk_.has_value()).field("version", trust.identity.version);
  out.field("kind", trust.identity.kind).field("built", trust.identity.built);
  if (disk_ && !works()) write_report(out, slot_state(*disk_, trust));
  const std::scoped_lock lock(mutex_);
  if (work_) {
    out.key("work").begin_object().field("word", work_->word).field("sentence", work_->progress.sentence);
    out.field("done", work_->progress.done).field("all", work_->progress.all);
    out.field("ended", work_->ended).field("failed", work_->failed).end_object();
  }
  return out.end_object().take();
}

bool HostSlotWords::works() const {
  const std::scoped_lock lock(mutex_);
  return work_ && !work_->ended;
}

std::string HostSlotWords::begin(const std::string& word, std::function<std::string(const TellProgress&)> run) {
  work_ = Work{word, {"beginning"}};
  thread_ = std::jthread([this, run = std::move(run)] {
    const auto tell = [this](const HostProgress& progress) {
      const std::scoped_lock lock(mutex_);
      work_->progress = progress;
    };
    std::string sentence;
    bool failed = false;
    try {
      sentence = run(tell);
    } catch (const std::exception& error) {
      sentence = error.what();
      failed = true;
    }
    const std::scoped_lock lock(mutex_);
    work_->progress = {sentence};
    work_->failed = failed;
    work_->ended = true;
  });
  return say("It has begun.");
}

void HostSlotWords::confirm() const {
  confirm_trial(*disk_);
  write_file_atomically(places_.confirmed, "", 0600);
}

std::string HostSlotWords::trial_sentence() const {
  if (!on_trial()) return {};
  return "This system is on trial: unless all is well for 30 s within 5 min, the machine restarts into the one of "
         "before." +
         (lacks_.empty() ? "" : " At the moment " + lacks_ + ".");
}

bool HostSlotWords::follow(SteadyTime now, const std::string& lacks) {
  if (!on_trial() || works()) return false;
  lacks_ = lacks;
  if (!judge_) judge_.emplace(now);
  const TrialStep step = judge_->look(now, lacks.empty());
  if (step == TrialStep::wait) return false;
  decided_ = true;
  if (step == TrialStep::reboot) return true;
  try {
    confirm();
    std::cerr << "Sonde: system " << disk_->running << " has proved itself and is trusted from now on.\n";
    return false;
  } catch (const Error& error) {
    std::cerr << "Sonde: the trial cannot be confirmed: " << error.what() << '\n';
    return true;
  }
}

}  // namespace sonde
