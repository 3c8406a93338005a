#include "web/api/machine_json.h"

#include "core/base/time.h"
#include "core/host/trial.h"

namespace sonde::web {
namespace {

constexpr const char* kDevelopment = "+development";

void write_data(JsonWriter& out, const MachineView& view) {
  const bool in_memory = view.data_device.empty();
  out.begin_object().field("in_memory", in_memory).field("device", view.data_device).field("encrypted", false);
  out.field("bytes", view.data_octets).field("free_bytes", view.data_free);
  out.field("bad", view.data_bad).field("sentence", view.data_sentence).end_object();
}

void write_drive(JsonWriter& out, const MachineDrive& drive, const MachineView& view) {
  out.begin_object().field("name", drive.name).field("title", drive.title).field("bytes", drive.octets);
  out.field("content", drive.content).field("serial", drive.serial).field("proof", drive.proof());
  out.field("ours", drive.ours).field("whole", drive.whole).field("in_use", view.data_device == drive.name);
  out.field("install_sentence", drive.why_no_install).end_object();
}

/// Of the slot that does not run, what the next start does with it.
std::string slot_state(const MachineSlot& slot, const MachineView& view) {
  if (slot.version.empty() && slot.slot != view.running) return "empty";
  const bool named = !view.trial.empty() && view.trial.front() == slot.slot;
  if (slot.slot == view.running) return view.on_trial ? "on_trial" : "runs";
  if (named) return view.tried ? "failed" : "next";
  return slot.slot == view.trusted ? "falls_back" : "before";
}

void write_systems(JsonWriter& out, const MachineView& view) {
  out.begin_object().field("installed", view.installed).field("version", view.version);
  out.field("development", view.version.find(kDevelopment) != std::string::npos).field("built", view.built);
  out.field("on_trial", view.on_trial).field("sentence", view.slots_sentence);
  out.field("trial_well_s", to_seconds(kTrialWell)).field("trial_limit_s", to_seconds(kTrialLimit));
  out.key("slots").begin_array();
  for (const MachineSlot& slot : view.slots) {
    out.begin_object().field("slot", std::string(1, slot.slot)).field("version", slot.version);
    out.field("development", slot.version.find(kDevelopment) != std::string::npos);
    out.field("signed_by", slot.signed_by).field("state", slot_state(slot, view));
    out.field("sentence", slot.sentence).end_object();
  }
  out.end_array().end_object();
}

void write_work(JsonWriter& out, const std::optional<MachineWork>& work) {
  if (!work) {
    out.null();
    return;
  }
  out.begin_object().field("what", work->word).field("sentence", work->sentence);
  out.field("done_bytes", work->done).field("total_bytes", work->all);
  out.field("ended", work->ended).field("failed", work->failed).end_object();
}

void write_image(JsonWriter& out, const MachineImage& image) {
  static constexpr std::string_view kStates[] = {"none", "receiving", "ready", "failed"};
  out.begin_object().field("state", kStates[static_cast<int>(image.state)]).field("from", image.from);
  out.field("done_bytes", image.done).field("total_bytes", image.all).field("version", image.version);
  out.field("older", image.older).field("sentence", image.sentence).end_object();
}

}  // namespace

void write_machine(JsonWriter& out, const MachineView& view) {
  out.begin_object().field("known", view.known).field("sentence", view.sentence).key("data");
  write_data(out, view);
  out.key("drives").begin_array();
  for (const MachineDrive& drive : view.drives) write_drive(out, drive, view);
  out.end_array().key("network").begin_array();
  for (const std::string& sentence : view.network) out.value(sentence);
  out.end_array().field("watchdog", view.watchdog);
  out.key("setup_file")
      .begin_object()
      .field("sentence", view.setup_file)
      .field("bad", view.setup_file_bad)
      .end_object();
  out.key("systems");
  write_systems(out, view);
  out.key("work");
  write_work(out, view.work);
  out.key("image");
  write_image(out, view.image);
  out.end_object();
}

void write_data_place(JsonWriter& out, const MachineView* view) {
  if (!view || !view->known) {
    out.null();
    return;
  }
  out.begin_object().field("in_memory", view->data_device.empty()).field("bad", view->data_bad);
  out.field("sentence", view->data_sentence).field("on_trial", view->on_trial).end_object();
}

}  // namespace sonde::web
