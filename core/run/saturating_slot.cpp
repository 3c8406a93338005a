#include "core/run/saturating_slot.h"

#include <algorithm>

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kShareOver = 1h;
constexpr Duration kLeastCharged = 1s;  ///< so that many short tests are not free
constexpr Duration kRemembered = 24h;
constexpr std::size_t kMostPast = 4000, kMostRefused = 200, kMostUsed = 4000;

/// "14:03:10 UTC"
std::string clock_time(UtcTime t) { return format_utc(t, 0).substr(11, 8) + " UTC"; }

/// Whom a share belongs to: neighbours in a /64 are one.
std::string share_key(const IpAddress& source) {
  if (source.family() == Family::v4) return source.text();
  const auto bytes = source.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), 8};
}

}  // namespace

std::string_view to_string(LeaseKind kind) {
  static constexpr std::string_view kNames[] = {"planned", "on_demand", "inbound"};
  return kNames[static_cast<int>(kind)];
}

SaturatingSlot::SaturatingSlot(TaskLoop& loop, const Clock& clock, Log log)
    : loop_(loop), clock_(clock), log_(std::move(log)) {}

SaturatingSlot::~SaturatingSlot() {
  if (timer_ != 0) loop_.cancel(timer_);
}

std::string SaturatingSlot::holder() const {
  if (!holder_) return {};
  const std::string what = holder_->kind == LeaseKind::inbound ? "a test from " + holder_->requester
                           : holder_->title.empty()            ? "another test of its own"
                                                               : "its own test \"" + holder_->title + "\"";
  return what + " until " + clock_time(clock_.anchor().to_utc(until_));
}

SteadyTime SaturatingSlot::free_at() const { return holder_ ? until_ : clock_.steady_now(); }

SaturatingSlot::Answer SaturatingSlot::ask(const Ask& ask) {
  if (ask.length <= Duration::zero()) return {0, "a heavy test without an end gets no slot"};
  if (holder_) return {0, "this node was busy with " + holder()};
  Lease lease;
  lease.kind = ask.kind;
  lease.requester = ask.requester;
  lease.run = ask.run;
  lease.title = ask.title;
  return grant(std::move(lease), ask.length, nullptr);
}

SaturatingSlot::Answer SaturatingSlot::ask_inbound(const Guest& guest, Duration test) {
  const Duration length = test + kGuestMargin;
  if (std::string why = why_not(guest, test, length); !why.empty()) return refuse_guest(guest, std::move(why));
  Lease lease;
  lease.kind = LeaseKind::inbound;
  lease.requester = guest.source.text();
  return grant(std::move(lease), length, &guest.source);
}

std::string SaturatingSlot::why_not(const Guest& guest, Duration test, Duration length) {
  if (test <= Duration::zero()) return "a test without an end is not taken: give it a time";
  if (test > guest.longest)
    return "a test of " + format_duration(test) + " is longer than the " + format_duration(guest.longest) +
           " that are allowed";
  // A stranger is not told what the node's own tests are called.
  if (holder_)
    return "this node has " +
           (holder_->kind == LeaseKind::inbound ? "a test from " + holder_->requester
                                                : std::string("a test of its own")) +
           " until " + clock_time(clock_.anchor().to_utc(until_));
  const UtcTime now = clock_.utc_now();
  if (const PauseWindow* pause = pause_within(pauses_, now, now + length))
    return "nobody measures from " + describe(*pause);
  const auto next = next_planned_();
  if (next && next->when < clock_.steady_now() + length)
    return "a planned test of this node begins at " + clock_time(clock_.anchor().to_utc(next->when)) +
           ", before this one would end";
  return beyond_share(guest, length);
}

std::string SaturatingSlot::beyond_share(const Guest& guest, Duration length) {
  const SteadyTime now = clock_.steady_now();
  std::erase_if(used_, [&](const Used& used) { return used.end + kShareOver <= now; });
  if (used_.size() >= kMostUsed) return "too many tests came from outside in the last hour";
  Duration sum{};
  const std::string key = share_key(guest.source);
  for (const Used& used : used_)
    if (used.source == key) sum += std::max(kLeastCharged, used.end - std::max(used.begin, now - kShareOver));
  if (sum + length <= guest.per_hour) return {};
  return guest.source.text() + " has used " + format_duration(std::chrono::ceil<std::chrono::seconds>(sum)) +
         " of its " + format_duration(guest.per_hour) + " of the last hour, and this test would take " +
         format_duration(length);
}

SaturatingSlot::Answer SaturatingSlot::grant(Lease lease, Duration length, const IpAddress* source) {
  begun_ = clock_.steady_now();
  until_ = begun_ + length;
  source_ = source ? share_key(*source) : "";
  lease.id = ++last_lease_;
  lease.begin = clock_.utc_now();
  lease.until = lease.begin + length;
  holder_ = std::move(lease);
  timer_ = loop_.at(until_, [this] {
    timer_ = 0;
    log_.warning("the slot was held to the end of its lease", {{"by", holder()}});
    finish("ran out", "Its time was over.");
  });
  leases_.reset();
  noted_(*holder_);
  return {last_lease_, {}};
}

SaturatingSlot::Answer SaturatingSlot::refuse_guest(const Guest& guest, std::string sentence) {
  Lease lease;
  lease.kind = LeaseKind::inbound;
  lease.requester = guest.source.text();
  lease.begin = lease.end = clock_.utc_now();
  lease.outcome = "refused";
  lease.sentence = "Refused: " + sentence + ".";
  refused_.push_back(std::move(lease));
  forget_old();
  return {0, std::move(sentence)};
}

void SaturatingSlot::release(std::uint64_t lease, std::string outcome, std::string sentence) {
  if (!holder_ || holder_->id != lease) return;
  loop_.cancel(timer_);
  timer_ = 0;
  finish(std::move(outcome), std::move(sentence));
}

void SaturatingSlot::finish(std::string outcome, std::string sentence) {
  if (!source_.empty()) used_.push_back({source_, begun_, clock_.steady_now()});
  holder_->end = clock_.utc_now();
  holder_->outcome = std::move(outcome);
  holder_->sentence = std::move(sentence);
  const Lease ended = std::move(*holder_);
  holder_.reset();
  if (ended.outcome != kNothingMoved) past_.push_back(ended);
  forget_old();
  noted_(ended);
  free_();
}

void SaturatingSlot::forget_old() {
  const UtcTime oldest = clock_.utc_now() - kRemembered;
  while (!past_.empty() && (past_.size() > kMostPast || past_.front().end < oldest)) past_.pop_front();
  while (!refused_.empty() && (refused_.size() > kMostRefused || refused_.front().end < oldest)) refused_.pop_front();
  leases_.reset();
}

std::shared_ptr<const std::vector<Lease>> SaturatingSlot::leases() const {
  if (leases_) return leases_;
  auto all = std::make_shared<std::vector<Lease>>(past_.begin(), past_.end());
  if (holder_) all->push_back(*holder_);
  all->insert(all->end(), refused_.begin(), refused_.end());
  leases_ = std::move(all);
  return leases_;
}

}  // namespace sonde
