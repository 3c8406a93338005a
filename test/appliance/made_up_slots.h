#pragma once

#include <string>

#include "appliance/host_slots.h"
#include "test/support/signed_image.h"
#include "test/support/temporary_folder.h"

namespace sonde::test {

/// A machine that was started from a disk with two slots, as files in a folder: what the kernel shows of it, its
/// partitions, the system's keys. System a runs and is in its slot as version 0.2.0; the other slot is empty.
struct MadeUpSlots {
  MadeUpSlots();
  /// The kernel's command line from now on.
  void booted(const std::string& words) const;
  /// What is mounted as the medium from now on: partition 3 or 4.
  void runs_from(int partition) const;
  void put(const std::string& name, const std::string& content) const;
  std::string get(const std::string& name) const;

  TemporaryFolder folder;
  ImageSigner signer;
  SlotPlaces places;
  std::string device;  ///< number of the folder's own device, which stands for the medium's
};

}  // namespace sonde::test
