#include "appliance/host_view.h"

namespace sonde {
namespace {

std::string text(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found ? found->text : std::string();
}

bool yes(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->boolean;
}

std::uint64_t count(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->number > 0 ? static_cast<std::uint64_t>(found->number) : 0;
}

char letter(const Json& object, std::string_view name) { return text(object, name) == "b" ? 'b' : 'a'; }

MachineDrive read_drive(const Json& one) {
  MachineDrive drive{text(one, "name"), text(one, "title"), text(one, "content"), text(one, "serial")};
  drive.octets = count(one, "octets");
  drive.ours = yes(one, "ours");
  drive.whole = yes(one, "whole");
  drive.why_no_install = text(one, "no_install");
  return drive;
}

}  // namespace

void read_host_state(const Json& answer, MachineView& view) {
  if (const Json* data = answer.find("data")) {
    view.data_device = text(*data, "device");
    view.data_sentence = text(*data, "sentence");
    view.data_bad = yes(*data, "bad");
  }
  view.drives.clear();
  if (const Json* drives = answer.find("disks"))
    for (const Json& one : drives->items) view.drives.push_back(read_drive(one));
  view.network.clear();
  if (const Json* network = answer.find("network"))
    for (const Json& sentence : network->items) view.network.push_back(sentence.text);
  view.watchdog = yes(answer, "watchdog");
  if (const Json* file = answer.find("setup_file")) {
    view.setup_file = text(*file, "sentence");
    view.setup_file_bad = yes(*file, "bad");
  }
}

void read_host_slots(const Json& answer, MachineView& view) {
  view.installed = yes(answer, "installed");
  view.version = text(answer, "version");
  view.kind = text(answer, "kind");
  view.built = text(answer, "built");
  // While something is written the slots are not looked at: what was told before stays.
  if (const Json* slots = answer.find("slots")) {
    view.running = letter(answer, "running");
    view.trusted = letter(answer, "trusted");
    view.on_trial = yes(answer, "on_trial") && view.trusted != view.running;
    view.trial = text(answer, "trial");
    view.tried = yes(answer, "tried");
    view.slots_sentence = text(answer, "sentence");
    view.slots.clear();
    for (const Json& one : slots->items)
      view.slots.push_back({letter(one, "slot"), text(one, "version"), text(one, "signed_by"), text(one, "sentence")});
  }
  view.work.reset();
  if (const Json* work = answer.find("work"))
    view.work = MachineWork{text(*work, "word"), text(*work, "sentence"), count(*work, "done"),
                            count(*work, "all"), yes(*work, "ended"),     yes(*work, "failed")};
}

}  // namespace sonde
