#include "appliance/host_log.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr Duration kEvery = std::chrono::minutes(1);
constexpr std::uint64_t kSlack = 64 << 10;  ///< may be said between two looks at a full file

std::uint64_t size_of(const std::string& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  return none ? 0 : size;
}

}  // namespace

HostLog::HostLog(Places places) : places_(std::move(places)) {}

std::uint64_t HostLog::said() const { return size_of(places_.said); }

void HostLog::follow(SteadyTime now, bool keeps) {
  if (keeps && !keeps_) done_ = 0;
  keeps_ = keeps;
  const bool full = said() >= places_.most;
  if (now < next_ && !full) return;
  next_ = now + kEvery;
  keep();
  if (!full) return;
  // Those who write append, so they go on at its begin. A line that came since keep() is lost.
  std::error_code cannot;
  fs::resize_file(places_.said, 0, cannot);
  done_ = 0;
}

void HostLog::keep() {
  const std::uint64_t all = said();
  if (!keeps_ || all <= done_) return;
  std::error_code cannot;
  if (size_of(places_.kept) + (all - done_) > places_.most) fs::rename(places_.kept, places_.kept + ".1", cannot);
  // Whoever writes to it may have made it larger than memory.
  done_ = std::max(done_, all - std::min(all, places_.most + kSlack));
  std::ifstream from(places_.said, std::ios::binary);
  from.seekg(static_cast<std::streamoff>(done_));
  std::string text(all - done_, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  std::ofstream to(places_.kept, std::ios::binary | std::ios::app);
  if (to << text << std::flush) done_ += text.size();
}

}  // namespace sonde
