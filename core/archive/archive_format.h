#pragma once

#include "core/archive/journal.h"

namespace sonde {

/// The format of the database and the files beside it that this program writes. The next one gets the next number, and
/// a step from the one before in bring_to_own_format(). A program reads what one format later wrote: such an archive
/// says so with its mark "readable_by", the oldest format whose programs may read and write it.
inline constexpr int kArchiveFormat = 1;

/// Before its tables are used: brings an older database to our format, all or nothing. One that a later program wrote
/// and lets this one use is left as it is. Throws Error when it must not be used by this program: nothing is changed.
void bring_to_own_format(Journal& journal);

}  // namespace sonde
