#include "web/open_streams.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace sonde::web {
namespace {

constexpr std::chrono::milliseconds kWatchEvery{500};

}  // namespace

OpenStreams::OpenStreams(unsigned most, unsigned most_per_source)
    : most_(most), most_per_source_(most_per_source), watcher_([this](std::stop_token stop) { watch(stop); }) {}

OpenStreams::~OpenStreams() { close(); }

OpenStreams::Place::Place(OpenStreams& streams, std::string source, int socket)
    : streams_(streams), source_(std::move(source)), socket_(socket) {
  verdict_ = streams_.enter(*this);
}

OpenStreams::Place::~Place() { streams_.leave(*this); }

OpenStreams::Verdict OpenStreams::enter(Place& place) {
  const std::lock_guard lock(mutex_);
  if (closed_ || places_.size() >= most_) return Verdict::too_many;
  const auto same = [&](const Place* p) { return p->source_ == place.source_; };
  if (!place.source_.empty() && std::count_if(places_.begin(), places_.end(), same) >= most_per_source_) {
    return Verdict::too_many_from_source;
  }
  places_.push_back(&place);
  changed_.notify_all();
  return Verdict::admitted;
}

void OpenStreams::leave(Place& place) {
  const std::lock_guard lock(mutex_);
  places_.remove(&place);
}

void OpenStreams::close() {
  std::vector<std::stop_source> all;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (Place* place : places_) all.push_back(place->stop_);
  }
  for (auto& stop : all) stop.request_stop();
}

unsigned OpenStreams::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<unsigned>(places_.size());
}

void OpenStreams::watch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait(lock, stop, [this] { return !places_.empty(); });
    // Requests are made without the lock: they run what the streams' own waits have hung onto them.
    std::vector<std::stop_source> left;
    for (Place* place : places_) {
      pollfd socket{place->socket_, POLLRDHUP, 0};
      if (::poll(&socket, 1, 0) > 0) left.push_back(place->stop_);
    }
    lock.unlock();
    for (auto& each : left) each.request_stop();
    lock.lock();
    changed_.wait_for(lock, stop, kWatchEvery, [] { return false; });
  }
}

}  // namespace sonde::web
