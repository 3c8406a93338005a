#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "web/view.h"

namespace sonde {

/// A drive or partition of the machine that data or the system could be put on.
struct MachineDrive {
  std::string name;     ///< "vdb"; chosen by it
  std::string title;    ///< "Samsung SSD 870, serial number S5R…"
  std::string content;  ///< for people: "empty", "holds ext4"
  std::string serial;   ///< empty: it has none
  std::uint64_t octets = 0;
  bool ours = false;           ///< carries our data already: used as it is
  bool whole = false;          ///< a drive, no partition
  std::string why_no_install;  ///< why the system cannot be put on it; empty = it can

  /// What a person types to agree to losing what is on it.
  const std::string& proof() const { return serial.empty() ? name : serial; }
};

/// One of the two systems of an installed disk.
struct MachineSlot {
  char slot = 'a';
  std::string version;    ///< empty: nothing whole and signed is there
  std::string signed_by;  ///< the key's name: 16 hexadecimal digits
  std::string sentence;   ///< why it is empty
};

/// A long piece of work, the newest one, also after its end.
struct MachineWork {
  std::string word;  ///< the helper's: "use-data", "install", "upgrade", "go-back", "reboot", "power-off"
  std::string sentence;
  std::uint64_t done = 0, all = 0;  ///< octets; all = 0: not known
  bool ended = false, failed = false;
};

/// The file of an upgrade on its way to the root helper.
struct MachineImage {
  enum class State : std::uint8_t { none, receiving, ready, failed } state = State::none;
  std::string from;                 ///< an address, or "upload"
  std::uint64_t done = 0, all = 0;  ///< octets; all = 0: not known
  std::string version;              ///< once it is here and its signature was found right
  bool older = false;               ///< than what runs
  std::string sentence;             ///< for people: what it is, or why it was refused
};

/// The machine as its root helper last told it.
struct MachineView {
  bool known = false;    ///< false: the helper has not answered yet
  std::string sentence;  ///< why what is told is old, or not there; empty = all is well
  // Where data are kept. Never encrypted.
  std::string data_device;  ///< "vda5"; empty = in memory
  std::string data_sentence;
  bool data_bad = false;
  std::uint64_t data_octets = 0, data_free = 0;  ///< of the file system as it shows itself
  std::vector<MachineDrive> drives;
  std::vector<std::string> network;  ///< what of the settings is not in force
  bool watchdog = false;
  std::size_t shell_keys = 0;    ///< so many open the remote shell
  std::size_t waiting_keys = 0;  ///< and so many more would, if somebody let them in at the console
  std::string setup_file;        ///< what came of a set-up file
  bool setup_file_bad = false;
  // Systems.
  bool installed = false;  ///< started from a disk with two slots
  std::string version, kind, built;
  char running = 'a', trusted = 'a';
  bool on_trial = false;  ///< what runs is not trusted yet
  std::string trial;      ///< "b": the next start tries it, or has tried it
  bool tried = false;
  std::string slots_sentence;
  std::vector<MachineSlot> slots;
  std::optional<MachineWork> work;
  MachineImage image;
};

/// The window's wires to the machine underneath, on the live appliance only. Any thread. `by` is who asked, for the
/// log. What is refused is a Problem; empty = it was done, or has begun and is told by view().
class Machine {
 public:
  virtual ~Machine() = default;

  /// The newest picture, at once; it is looked at anew every other second while somebody asks for it. The first time
  /// within 3 s.
  virtual MachineView view() = 0;

  struct DriveChoice {
    std::string drive;
    std::string typed;    ///< MachineDrive::proof(), as a person typed it
    bool format = false;  ///< all on it may be lost
  };
  /// The node starts anew with its data there. Within 10 s.
  virtual std::optional<Problem> use_data(const DriveChoice& choice, const std::string& by) = 0;
  /// Why use_data() would refuse; within 10 s.
  virtual std::optional<Problem> check_data(const DriveChoice& choice) = 0;
  virtual std::optional<Problem> install(const DriveChoice& choice, const std::string& by) = 0;

  /// Gives the next octets of an upload, 0 at its end; empty = it broke off.
  using Reader = std::function<std::optional<std::size_t>(std::span<char>)>;
  /// Takes the file of an upgrade to where the helper looks for it. Refused and deleted unless its signature is right
  /// and it may follow what runs; an older one only with `older`. Blocks while it comes.
  virtual std::optional<Problem> take_image(const Reader& read, std::uint64_t octets, bool older,
                                            const std::string& by) = 0;
  /// The same from an address; begins.
  virtual std::optional<Problem> fetch_image(const std::string& url, bool older, const std::string& by) = 0;
  /// Ends fetching, deletes what came.
  virtual std::optional<Problem> drop_image(const std::string& by) = 0;

  /// Writes what was taken into the slot that does not run. `older`: an administrator's password was given for it.
  virtual std::optional<Problem> upgrade(bool older, const std::string& by) = 0;
  virtual std::optional<Problem> go_back(const std::string& by) = 0;
  virtual std::optional<Problem> restart(const std::string& by) = 0;
  virtual std::optional<Problem> power_off(const std::string& by) = 0;
};

}  // namespace sonde
