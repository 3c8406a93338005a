#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "appliance/host_stats.h"
#include "web/view.h"

namespace sonde {

/// The newest picture of the node and those who want to hear of news. Safe to use from any thread.
class NodeState {
 public:
  std::shared_ptr<const Snapshot> snapshot() const;
  void publish(std::shared_ptr<const Snapshot> snapshot);
  /// Remembers the newest Result of each test and tells the listeners.
  void note(std::shared_ptr<const Result> result);
  void note(const Event& event);
  /// What is known of a step that is not closed yet: passed on, not remembered.
  void note_live(std::shared_ptr<const Result> result);
  void listen(Node::Listener listener);
  std::map<std::string, std::shared_ptr<const Result>> latest() const;
  void forget(const std::string& test);

 private:
  std::vector<Node::Listener> listeners() const;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();  // guarded by mutex_
  std::map<std::string, std::shared_ptr<const Result>> latest_;              // guarded by mutex_
  std::vector<Node::Listener> listeners_;                                    // guarded by mutex_
};

}  // namespace sonde
