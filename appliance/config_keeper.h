#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "appliance/worker.h"
#include "core/run/task_loop.h"
#include "web/view.h"

namespace sonde {

/// The running configuration and the one way to change it: copy, edit, check, write durably, then make it the running
/// one; one change at a time. Lives on the TaskLoop; files are written on the worker.
class ConfigKeeper {
 public:
  struct Hooks {
    /// A sentence when the edited configuration breaks a rule.
    std::function<std::optional<Problem>(const Config&)> check;
    /// On the worker: writes durably; throws Error.
    std::function<void(const Config&)> write;
    /// On the TaskLoop: it is the running one from now on.
    std::function<void(std::shared_ptr<const Config>)> running;
  };
  ConfigKeeper(TaskLoop& tasks, Worker& files, Config first, Hooks hooks);

  std::shared_ptr<const Config> current() const { return current_; }
  std::uint64_t revision() const { return revision_; }
  /// From now on every change is refused with this sentence; empty = allowed again.
  void lock(std::string sentence) { locked_ = std::move(sentence); }
  const std::string& lock_sentence() const { return locked_; }

  using Done = std::function<void(std::optional<Problem>)>;
  /// `done` is called on the TaskLoop, later or within this call.
  void change(Node::Edit edit, std::optional<std::uint64_t> if_revision, Done done);
  /// What was read from the file becomes the running one as it is: it was checked there, and needs no writing.
  void adopt(const std::function<Config(const Config& running)>& make);

 private:
  struct Change {
    Node::Edit edit;
    std::optional<std::uint64_t> if_revision;
    Done done;
  };
  void next();
  void finish(std::shared_ptr<const Config> made, std::optional<Problem> problem);

  TaskLoop& tasks_;
  Worker& files_;
  Hooks hooks_;
  std::shared_ptr<const Config> current_;
  std::uint64_t revision_ = 1;
  std::string locked_;
  std::deque<Change> waiting_;  ///< the first is the one being made
  bool busy_ = false;
};

}  // namespace sonde
