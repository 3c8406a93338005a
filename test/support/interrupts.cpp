#include "test/support/interrupts.h"

#include <csignal>

#include "core/base/error.h"

namespace sonde::test {
namespace {

sigset_t interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Duration duration_of(const std::string& text) {
  const auto out = parse_duration(text);
  if (!out) throw Error("\"" + text + "\" is not a duration such as 10ms");
  return *out;
}

void block_interrupts() {
  const sigset_t signals = interrupts();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool until_interrupted(Duration length) {
  const sigset_t signals = interrupts();
  if (length == Duration::zero()) return ::sigwaitinfo(&signals, nullptr) > 0;
  const timespec timeout{static_cast<time_t>(length.count() / 1'000'000'000), length.count() % 1'000'000'000};
  return ::sigtimedwait(&signals, nullptr, &timeout) > 0;
}

}  // namespace sonde::test
