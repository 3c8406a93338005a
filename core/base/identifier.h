#pragma once

#include <string>

#include "core/base/random.h"
#include "core/base/time.h"

namespace sonde {

/// 26 characters that sort by time: 50 bits of milliseconds since 1970, 80 random bits, Crockford base 32.
std::string make_id(UtcTime now, Random& random);

}  // namespace sonde
