#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/access/limits.h"
#include "core/run/packet_loop.h"
#include "core/run/saturating_slot.h"

namespace sonde {

/// The way of tests from outside to the slot: asked on a packet loop, decided on the TaskLoop, answered on the loop.
/// Everything it is given outlives it; it outlives the loop's sessions.
class SlotDoor {
 public:
  struct Parts {
    TaskLoop* tasks = nullptr;
    PacketLoop* loop = nullptr;
    SaturatingSlot* slot = nullptr;
    std::function<std::shared_ptr<const Limits>()> limits;  ///< any thread
  };
  explicit SlotDoor(Parts parts) : parts_(std::move(parts)) {}

  using Answered = std::function<void(SaturatingSlot::Answer)>;
  /// A test of time + omit from `source`, once its parameters are known. `answered` is called once, on the loop, later:
  /// with a lease that release() must end, or with the part of a sentence that says why there is none.
  void ask(const IpAddress& source, Duration test, Answered answered) const;
  /// `outcome` and `sentence` go to the timeline: "done", "failed". A lease that ran out meanwhile is passed over.
  void release(std::uint64_t lease, std::string outcome, std::string sentence = {}) const;

 private:
  Parts parts_;
};

}  // namespace sonde
