#pragma once

#include <string>

#include "core/base/time.h"

namespace sonde::test {

/// "10ms" as a duration. Throws Error.
Duration duration_of(const std::string& text);

/// SIGINT and SIGTERM of this process and the threads that it makes later wait for until_interrupted().
void block_interrupts();

/// Waits for an interrupt, at most `length`; zero = for ever. False = the time is over.
bool until_interrupted(Duration length);

}  // namespace sonde::test
