#pragma once

#include <string>

#include "appliance/host_slots.h"

namespace sonde {

/// Puts this system on a whole disk; everything on it is lost. `serial` is what the person was shown. Throws Error with
/// a sentence; before the first octet is written for every reason that can be known, so that a refusal changes nothing.
void install_to_disk(const SlotPlaces& places, const std::string& disk, const std::string& serial,
                     const TellProgress& tell);

/// The parts of it behind the choice: `to` is the whole disk (or a file of its size), `from` the medium.
void install_onto(const SlotPlaces& places, const ImageTrust& trust, const ImageOctets& from, const Area& to,
                  const TellProgress& tell);

}  // namespace sonde
