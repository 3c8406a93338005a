#include "test/support/path_emulator.h"

#include <algorithm>

namespace sonde::test {
namespace {

EmulatedLink::End end_of(const NetworkNamespace& where, const std::string& v4, const std::string& v6) {
  const int device = open_tun(where.name(), "path");
  where.ip({"addr", "add", v4 + "/24", "dev", "path"});
  where.ip({"addr", "add", v6 + "/64", "dev", "path", "nodad"});
  return {device, open_tap(where.name(), "path")};
}

}  // namespace

PathEmulator::PathEmulator(const PathOptions& there, const PathOptions& back, std::uint64_t seed) : a_("a"), b_("b") {
  const auto note = [this](std::vector<PathRecord> log) {
    const std::lock_guard lock(mutex_);
    std::ranges::move(log, std::back_inserter(records_));
  };
  link_ = std::make_unique<EmulatedLink>(end_of(a_, "10.99.0.1", "fd99::1"), end_of(b_, "10.99.0.2", "fd99::2"), there,
                                         back, seed, note);
}

PathEmulator::~PathEmulator() = default;

std::vector<PathRecord> PathEmulator::records() const {
  std::vector<PathRecord> out;
  {
    const std::lock_guard lock(mutex_);
    out = records_;
  }
  std::ranges::stable_sort(out, {}, &PathRecord::entered_ns);
  return out;
}

}  // namespace sonde::test
