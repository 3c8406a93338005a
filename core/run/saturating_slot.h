#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "core/measurement/pause_window.h"
#include "core/net/address.h"
#include "core/run/task_loop.h"

namespace sonde {

/// Outcome of a lease whose test never began because the peer was busy: no past to tell of.
inline constexpr std::string_view kNothingMoved = "busy";

enum class LeaseKind : std::uint8_t { planned, on_demand, inbound };
std::string_view to_string(LeaseKind kind);

/// The slot held once, or refused to a test from outside. A plain value.
struct Lease {
  std::uint64_t id = 0;  ///< 0 = refused
  LeaseKind kind = LeaseKind::planned;
  std::string requester;     ///< "schedule", "web: alice"; of an inbound test the address that it comes from
  std::string run, title;    ///< of own runs
  UtcTime begin{}, until{};  ///< until at the latest; zero where refused
  UtcTime end{};             ///< zero while it is held
  std::string outcome;       ///< "done", "refused", ...; "ran out" when its time ended it; empty while it is held
  std::string sentence;      ///< why it was refused or what its holder said at its end; may be empty
};

/// One heavy test at a time on this node: planned, on demand and inbound alike. Lives on the TaskLoop; no locks.
class SaturatingSlot {
 public:
  static constexpr Duration kGuestMargin = std::chrono::seconds{10};  ///< for what is around a test from outside

  struct Ask {
    LeaseKind kind = LeaseKind::planned;
    std::string requester, run, title;
    Duration length{};  ///< with all that belongs to it; zero or less = unlimited, which nobody gets
  };
  /// What a test from outside must heed besides.
  struct Guest {
    IpAddress source;
    Duration longest{};   ///< that its row of the limits table allows, of the test alone
    Duration per_hour{};  ///< of the slot, to one source: an address, of IPv6 a /64
  };
  struct Answer {
    std::uint64_t lease = 0;  ///< 0 = refused
    std::string sentence;     ///< why it was refused: a part of a sentence, "this node has ... until 14:03:10 UTC"
    explicit operator bool() const { return lease != 0; }
  };
  /// A planned heavy run that is to begin.
  struct Upcoming {
    SteadyTime when{};
    std::string title;
  };

  SaturatingSlot(TaskLoop& loop, const Clock& clock, Log log);
  ~SaturatingSlot();

  /// For a run of this node's own. A lease ends by itself at its time.
  Answer ask(const Ask& ask);
  /// For a test from outside: time + omit; kGuestMargin is added here. Refused as well when a planned run or a pause
  /// begins before its end, and when it would take more than its source's share of the last hour.
  Answer ask_inbound(const Guest& guest, Duration test);
  /// Unknown or ended leases are passed over: their time may have ended them.
  void release(std::uint64_t lease, std::string outcome, std::string sentence = {});

  void set_pauses(std::vector<PauseWindow> pauses) { pauses_ = std::move(pauses); }
  /// Told of the next planned heavy run; empty = there is none.
  void set_plan(std::function<std::optional<Upcoming>()> next) { next_planned_ = std::move(next); }
  /// Called after the slot has become free; set by the scheduler alone.
  void on_free(std::function<void()> task) { free_ = std::move(task); }
  /// Called with each lease once it is given and once it has ended.
  void on_lease(std::function<void(const Lease&)> task) { noted_ = std::move(task); }

  bool held() const { return holder_.has_value(); }
  /// When it is free at the latest; now when it is.
  SteadyTime free_at() const;
  /// "a test from 198.51.100.4 until 14:03:10 UTC"; empty when the slot is free.
  std::string holder() const;
  /// The last 24 h, at most 4,000, oldest first, the one held last; then up to 200 refusals. What was handed out never
  /// changes: it may go to other threads.
  std::shared_ptr<const std::vector<Lease>> leases() const;

 private:
  struct Used {
    std::string source;
    SteadyTime begin{}, end{};
  };
  Answer grant(Lease lease, Duration length, const IpAddress* source);
  Answer refuse_guest(const Guest& guest, std::string sentence);
  std::string why_not(const Guest& guest, Duration test, Duration length);
  std::string beyond_share(const Guest& guest, Duration length);
  void finish(std::string outcome, std::string sentence);
  void forget_old();

  TaskLoop& loop_;
  const Clock& clock_;
  Log log_;
  std::vector<PauseWindow> pauses_;
  std::function<std::optional<Upcoming>()> next_planned_ = [] { return std::nullopt; };
  std::function<void()> free_ = [] {};
  std::function<void(const Lease&)> noted_ = [](const Lease&) {};
  std::optional<Lease> holder_;
  SteadyTime begun_{}, until_{};  // of the holder
  std::string source_;            // of the holder, where it is a guest
  TaskLoop::TimerId timer_ = 0;
  std::uint64_t last_lease_ = 0;
  std::deque<Lease> past_, refused_;
  std::deque<Used> used_;                                     // by guests in the last hour
  mutable std::shared_ptr<const std::vector<Lease>> leases_;  // null = to be made anew
};

}  // namespace sonde
