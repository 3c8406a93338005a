#include "core/base/error.h"

#include <system_error>

namespace sonde {

Error::Error(const std::string& what, const std::string& subject, int errno_value)
    : std::runtime_error("cannot " + what + " " + subject + ": " + errno_text(errno_value)),
      errno_value_(errno_value) {}

std::string errno_text(int errno_value) { return std::generic_category().message(errno_value); }

}  // namespace sonde
