#include "appliance/host_watch.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "appliance/host_node.h"
#include "appliance/host_places.h"
#include "appliance/local_client.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kEvery = 5s;
constexpr auto kEndNodeAfter = 90s, kStopFeedingAfter = 300s;
constexpr int kWatchdogSeconds = 60, kSecondsToEnd = 180;
/// The node answered since the machine started, whatever became of this program meanwhile.
constexpr const char* kAnswered = "/run/sonde/answered";

bool ask() {
  try {
    return ask_node(host::kNodeData, "GET", "/api/v1/health").status == 200;
  } catch (const Error&) {
    return false;
  }
}

void note_answer() {
  try {
    write_file_atomically(kAnswered, "", 0600);
  } catch (const Error&) {
    // Only a helper that starts anew would miss it.
  }
}

}  // namespace

HostWatch::HostWatch(const char* device) : device_(device) {
  open();
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

HostWatch::~HostWatch() {
  thread_.request_stop();
  thread_.join();
  if (watchdog_ < 0) return;
  // It goes on counting: whatever hangs while the machine ends, it starts again.
  int seconds = kSecondsToEnd;
  ::ioctl(watchdog_, WDIOC_SETTIMEOUT, &seconds);
  feed();
  ::close(watchdog_);
}

/// Its driver may come late.
void HostWatch::open() {
  watchdog_ = ::open(device_, O_WRONLY | O_CLOEXEC);
  int seconds = kWatchdogSeconds;
  if (watchdog_ >= 0) ::ioctl(watchdog_, WDIOC_SETTIMEOUT, &seconds);
}

void HostWatch::feed() { [[maybe_unused]] const ssize_t n = ::write(watchdog_, ".", 1); }

void HostWatch::run(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  auto last_answer = steady_clock::now();
  bool ever = std::filesystem::exists(kAnswered), ended = false;
  while (!stop.stop_requested()) {
    answers_ = ask();
    const auto now = steady_clock::now();
    if (answers_ || silence_) {
      last_answer = now;
      if (answers_ && !ever) note_answer();
      ever |= answers_;
      ended = false;
    }
    const auto silent = now - last_answer;
    // A node that never answered has another fault than hanging: restarting the machine would not mend it.
    if (ever && silent > kEndNodeAfter && !ended) {
      ended = true;
      restart_program(host::kNodePid);
    }
    if (watchdog_ < 0) open();
    if (watchdog_ >= 0 && !(ever && silent > kStopFeedingAfter)) feed();
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kEvery, [] { return false; });
  }
}

}  // namespace sonde
