#pragma once

#include "core/config/xml_element.h"

// Private to the files of this folder that know XML.
namespace sonde {

/// The format of sonde.xml that this program writes. A format that an older program must not read as its own gets the
/// next number; a step from the one before then belongs into check_format(). A program reads what one format later
/// wrote: such a file says so with readable-by="N", the oldest format whose programs may read and change it.
inline constexpr unsigned kConfigFormat = 1;

/// The outermost element says that this program may read the file. Throws XmlRefused.
void check_format(const Element& root);
/// The file that `node` is in was written by a later program that lets this one read it: attributes that are not known
/// are passed over and kept.
bool is_of_later_format(const pugi::xml_node& node);

}  // namespace sonde
