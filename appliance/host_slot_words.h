#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "appliance/host_slots.h"
#include "core/base/json.h"
#include "core/host/trial.h"

namespace sonde {

/// What the root helper is asked about installing and upgrading, and the one long piece of such work at a time, on a
/// thread of its own. Used by the helper's main thread only.
class HostSlotWords {
 public:
  /// `to_be_tried` is called on the work's thread once the next start will try a system.
  explicit HostSlotWords(SlotPlaces places = {}, std::function<void()> to_be_tried = {});

  /// Answers as a JSON object, or throws Error with a sentence. Words:
  ///   slots                    what is in both slots, what the next start takes, how far the work is
  ///   install {disk, serial}   begins to put this system on that disk
  ///   upgrade {older: true?}   begins to put the staged image into the other slot
  ///   go-back                  begins to check the other slot and puts it on trial
  ///   confirm                  trusts the system that runs on trial
  /// What begins is told by "slots" as "work": {word, sentence, done, all, ended, failed}.
  std::string answer(const std::string& word, const Json& arguments);
  static bool knows(const std::string& word);

  /// Some times a minute: a system on trial is confirmed once it has lacked nothing for long enough. True: it was not
  /// in time, the machine must start again. `lacks`: "its page does not answer"; empty = it is well.
  bool follow(SteadyTime now, const std::string& lacks);
  /// This system has yet to prove itself.
  bool on_trial() const { return disk_ && disk_->on_trial && !decided_; }
  std::string trial_sentence() const;  ///< empty = it is not on trial
  /// Something is being written or checked.
  bool works() const;

 private:
  struct Work {
    std::string word;
    HostProgress progress;
    bool ended = false, failed = false;
  };
  std::string tell() const;
  std::string begin(const std::string& word, std::function<std::string(const TellProgress&)> run);
  void confirm() const;

  const SlotPlaces places_;
  const std::function<void()> to_be_tried_;
  const std::optional<SlotDisk> disk_;
  std::optional<TrialJudge> judge_;
  std::string lacks_;
  bool decided_;  ///< also by an earlier process of the helper
  mutable std::mutex mutex_;
  std::optional<Work> work_;  // beside mutex_: thread_ -> main
  std::jthread thread_;
};

}  // namespace sonde
