#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/access/limits.h"
#include "core/measurement/result.h"
#include "core/run/saturating_slot.h"

namespace sonde {

/// The way of tests from outside to the slot: asked from any thread, decided on the TaskLoop. Everything it is given
/// outlives it; answers may come after it is gone.
class SlotDoor {
 public:
  struct Parts {
    TaskLoop* tasks = nullptr;
    SaturatingSlot* slot = nullptr;
    std::function<std::shared_ptr<const Limits>()> limits;  ///< any thread
  };
  explicit SlotDoor(Parts parts);

  /// Empty = it has the slot; else a sentence that says why not.
  using Answer = std::function<void(std::optional<std::string> refused)>;
  /// A test from `source`, once its parameters are known. `length` = time + omit + SaturatingSlot::kGuestMargin.
  /// `answer` is called once: on the TaskLoop, or within this call when that has too much to do.
  void ask(std::uint64_t id, const IpAddress& source, Duration length, Answer answer);
  /// What `id` got, or still waits for, is not wanted any more, and how its test ended. Others are passed over.
  void release(std::uint64_t id, Outcome outcome, std::string sentence);

 private:
  struct Desk;  ///< on the TaskLoop
  std::shared_ptr<Desk> desk_;
  TaskLoop& tasks_;
};

}  // namespace sonde
