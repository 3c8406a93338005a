#include "appliance/host_view.h"
#include "core/base/json_fields.h"

namespace sonde {
namespace {

std::uint64_t count(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->number > 0 ? static_cast<std::uint64_t>(found->number) : 0;
}

char letter(const Json& object, std::string_view name) { return text_of(object, name) == "b" ? 'b' : 'a'; }

MachineDrive read_drive(const Json& one) {
  MachineDrive drive{text_of(one, "name"), text_of(one, "title"), text_of(one, "content"), text_of(one, "serial")};
  drive.octets = count(one, "octets");
  drive.ours = is_true(one, "ours");
  drive.whole = is_true(one, "whole");
  drive.why_no_install = text_of(one, "no_install");
  return drive;
}

}  // namespace

void read_host_state(const Json& answer, MachineView& view) {
  if (const Json* data = answer.find("data")) {
    view.data_device = text_of(*data, "device");
    view.data_sentence = text_of(*data, "sentence");
    view.data_bad = is_true(*data, "bad");
  }
  view.drives.clear();
  if (const Json* drives = answer.find("disks"))
    for (const Json& one : drives->items) view.drives.push_back(read_drive(one));
  view.network.clear();
  if (const Json* network = answer.find("network"))
    for (const Json& sentence : network->items) view.network.push_back(sentence.text);
  view.watchdog = is_true(answer, "watchdog");
  if (const Json* shell = answer.find("shell")) {
    view.shell_keys = count(*shell, "keys");
    const Json* waiting = shell->find("waiting");
    view.waiting_keys = waiting ? waiting->items.size() : 0;
  }
  if (const Json* file = answer.find("setup_file")) {
    view.setup_file = text_of(*file, "sentence");
    view.setup_file_bad = is_true(*file, "bad");
  }
}

void read_host_slots(const Json& answer, MachineView& view) {
  view.installed = is_true(answer, "installed");
  view.version = text_of(answer, "version");
  view.kind = text_of(answer, "kind");
  view.built = text_of(answer, "built");
  // While something is written the slots are not looked at: what was told before stays.
  if (const Json* slots = answer.find("slots")) {
    view.running = letter(answer, "running");
    view.trusted = letter(answer, "trusted");
    view.on_trial = is_true(answer, "on_trial") && view.trusted != view.running;
    view.trial = text_of(answer, "trial");
    view.tried = is_true(answer, "tried");
    view.slots_sentence = text_of(answer, "sentence");
    view.slots.clear();
    for (const Json& one : slots->items)
      view.slots.push_back(
          {letter(one, "slot"), text_of(one, "version"), text_of(one, "signed_by"), text_of(one, "sentence")});
  }
  view.work.reset();
  if (const Json* work = answer.find("work"))
    view.work = MachineWork{text_of(*work, "word"), text_of(*work, "sentence"), count(*work, "done"),
                            count(*work, "all"),    is_true(*work, "ended"),    is_true(*work, "failed")};
}

}  // namespace sonde
