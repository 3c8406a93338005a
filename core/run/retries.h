#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/base/random.h"
#include "core/run/run_view.h"
#include "core/run/task_loop.h"

namespace sonde {

/// Heavy runs that met a held slot or a busy peer, until their next try 15 to 60 s later. On the TaskLoop.
class Retries {
 public:
  enum class Why : std::uint8_t { own_slot, busy_peer };
  /// `again` is called with a run when its time has come; it is no longer kept then.
  Retries(TaskLoop& loop, const Clock& clock, Random& random, std::function<void(RunView)> again);
  ~Retries();

  /// False: no try fits before `until`, the run was not taken.
  bool wait(const RunView& run, Why why, SteadyTime until);
  std::optional<RunView> take(const std::string& run);
  /// The next planned try; empty = none waits.
  std::optional<SteadyTime> next() const;
  /// A run waits because this node's own slot was held.
  bool awaits_own_slot() const;
  void each(const std::function<void(const RunView&)>& what) const;

 private:
  struct Waiting {
    RunView run;
    Why why;
    SteadyTime when{};
    TaskLoop::TimerId timer = 0;
  };
  TaskLoop& loop_;
  const Clock& clock_;
  Random& random_;
  std::function<void(RunView)> again_;
  std::map<std::string, Waiting> waiting_;  ///< by run id
};

}  // namespace sonde
