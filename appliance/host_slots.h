#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "appliance/host_area.h"
#include "core/host/host_reading.h"
#include "core/host/image_file.h"
#include "core/host/slot_env.h"

namespace sonde {

/// Where the appliance keeps what slots are made with; others in tests.
struct SlotPlaces {
  HostRoots roots;
  std::string devices = "/dev";
  std::string medium = "/run/medium";  ///< where what was booted from is mounted
  std::string identity = "/etc/sonde/image", keys = "/etc/sonde/image-keys";
  std::string boot = "/usr/share/sonde/boot";            ///< what an installed disk boots with
  std::string staged = "/data/staging/upgrade";          ///< the only file that an upgrade is taken from
  std::string confirmed = "/run/sonde/trial-confirmed";  ///< tells the system's own timer to let a trial live
};

/// The two systems of the disk that was booted from.
struct SlotDisk {
  Area efi, a, b;
  char running = 'a';
  bool on_trial = false;  ///< the system that runs was started by the boot menu as a trial
  const Area& area(char slot) const { return slot == 'b' ? b : a; }
  char other() const { return running == 'a' ? 'b' : 'a'; }
};

/// From the kernel's command line and the disk that the medium is on; empty when this was not booted from a slot.
std::optional<SlotDisk> find_slots(const SlotPlaces& places);

/// The device that the medium is mounted from: "sr0", "sda", "vda3"; empty when it cannot be told.
std::string drive_of_medium(const SlotPlaces& places);

/// What this system is and whose images it believes. Throws Error when this is no image.
struct ImageTrust {
  SystemIdentity identity;
  std::vector<ImageKey> keys;
};
ImageTrust read_trust(const SlotPlaces& places);

struct SlotReport {
  struct One {
    char slot = 'a';
    std::optional<ImageManifest> image;  ///< empty: nothing whole and signed is there
    std::string sentence;                ///< why it is empty
  };
  std::array<One, 2> slots;
  char running = 'a';
  bool on_trial = false;
  SlotEnv env;
  std::string sentence;  ///< one line for a person
};

// Run as root by the root helper, one at a time; each throws Error with a sentence for the operator. Only content of
// slots that is asked for is read: a report looks at signatures, an upgrade and a way back read all of it.

SlotReport slot_state(const SlotDisk& disk, const ImageTrust& trust);

/// Checks the staged image whole, writes it to the slot that does not run, checks it there and puts it on trial for the
/// next start. What ran goes on. Returns what was written.
ImageManifest write_upgrade(const SlotDisk& disk, const ImageTrust& trust, const std::string& staged, bool allow_older,
                            const TellProgress& tell);

/// Trusts the system that runs on trial from now on.
void confirm_trial(const SlotDisk& disk);

/// Puts the other slot's system on trial for the next start, whatever its version. Returns what it is.
ImageManifest go_back(const SlotDisk& disk, const ImageTrust& trust, const TellProgress& tell);

/// The boot menu's memory, found on its partition by how it begins. Throws Error.
SlotEnv read_slot_env(const Area& efi);
void write_slot_env(const Area& efi, const SlotEnv& env);

}  // namespace sonde
