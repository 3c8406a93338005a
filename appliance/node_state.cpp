#include "appliance/node_state.h"

namespace sonde {

std::shared_ptr<const Snapshot> NodeState::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

void NodeState::publish(std::shared_ptr<const Snapshot> snapshot) {
  {
    const std::lock_guard lock(mutex_);
    snapshot_ = snapshot;
  }
  for (const auto& listener : listeners())
    if (listener.snapshot) listener.snapshot(snapshot);
}

void NodeState::note(std::shared_ptr<const Result> result) {
  {
    const std::lock_guard lock(mutex_);
    latest_[result->test] = result;
  }
  for (const auto& listener : listeners())
    if (listener.result) listener.result(result);
}

void NodeState::note(const Event& event) {
  for (const auto& listener : listeners())
    if (listener.event) listener.event(event);
}

void NodeState::note_live(std::shared_ptr<const Result> result) {
  for (const auto& listener : listeners())
    if (listener.live) listener.live(result);
}

void NodeState::listen(Node::Listener listener) {
  const std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

/// A copy: a listener may take its time without holding the others up.
std::vector<Node::Listener> NodeState::listeners() const {
  const std::lock_guard lock(mutex_);
  return listeners_;
}

std::map<std::string, std::shared_ptr<const Result>> NodeState::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void NodeState::forget(const std::string& test) {
  const std::lock_guard lock(mutex_);
  latest_.erase(test);
}

}  // namespace sonde
