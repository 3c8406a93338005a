#include "core/run/packet_loop.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/run/loop_impl.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kMostPosted = 4096;
constexpr int kMostDeadlinesATurn = 1024;
constexpr Duration kFinishWithin = 5s;
/// A long sleep wakes a cold processor late; the last millisecond is slept apart, by one that has just woken.
constexpr Duration kEarly = 1ms;
/// So many sessions are woken for each alone; more keep the caches warm, and would together spin a core away.
constexpr std::size_t kFew = 16;
/// What comes to many sessions is stamped by the kernel and may wait this long for the next deadline: two wake-ups
/// less for each packet.
constexpr Duration kGather = 5ms;
/// A sending path used within this time is still warm.
constexpr Duration kWarmFor = 3ms;

}  // namespace

PacketLoop::Impl::Impl(const Clock& clock, Network& network, Log log, PacketLoopOptions options)
    : options_(options), clock_(clock), network_(network), log_(std::move(log)), anchor_(clock.anchor()) {}

PacketLoop::Impl::~Impl() = default;

bool PacketLoop::Impl::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (posted_.size() >= kMostPosted) return false;
    posted_.push_back(std::move(task));
    if (posted_.size() > 1) return true;
  }
  network_.wake();
  return true;
}

LoopSession& PacketLoop::Impl::take_in(SessionPtr session) {
  auto entry = std::make_unique<LoopSession>();
  entry->id = ++last_session_;
  entry->session = std::move(session);
  LoopSession& out = *entry;
  sessions_.emplace(out.id, std::move(entry));
  session_count_ = sessions_.size();
  return out;
}

void PacketLoop::Impl::begin(LoopSession& entry) {
  if (std::exchange(entry.started, true)) return;
  call(entry, [&](Session& session, Outbox& out) { session.on_start(clock_.now(), out); });
}

std::uint64_t PacketLoop::Impl::start(SessionPtr session) {
  assert(!in_call_ && "a session starts others through its Outbox");
  LoopSession& entry = take_in(std::move(session));
  const std::uint64_t id = entry.id;
  begin(entry);
  return id;
}

void PacketLoop::Impl::stop(std::uint64_t id) {
  assert(!in_call_ && "a session ends itself with finish()");
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->stopped) return;
  LoopSession& entry = *found->second;
  entry.stopped = true;
  if (!entry.started) begin(entry);
  call(entry, [&](Session& session, Outbox& out) { session.on_stop(clock_.now(), out); });
}

void PacketLoop::Impl::plan(LoopSession& entry) {
  if (!entry.started) return;
  const SteadyTime next = entry.session->next_deadline();
  if (next == entry.deadline) return;
  if (entry.deadline == kNever) {
    deadlines_.emplace(next, entry.id);
  } else {
    auto node = deadlines_.extract({entry.deadline, entry.id});
    if (next != kNever) {
      node.value().first = next;
      deadlines_.insert(std::move(node));
    }
  }
  entry.deadline = next;
}

void PacketLoop::Impl::retire(LoopSession& entry) {
  if (entry.deadline != kNever) deadlines_.erase({entry.deadline, entry.id});
  // Copies: closing takes the handle off the session's own list.
  for (const SocketId id : std::vector(entry.sockets)) close_socket(id);
  for (const StreamId id : std::vector(entry.streams)) let_go(id);
  for (const ListenerId id : std::vector(entry.listeners)) close_listener(id);
  auto node = sessions_.extract(entry.id);
  old_sessions_.push_back(std::move(node.mapped()));
  session_count_ = sessions_.size();
}

void PacketLoop::Impl::serve_deadlines(bool only_paced) {
  int served = 0;
  SteadyTime now = clock_.steady_now();
  for (auto next = deadlines_.begin();
       next != deadlines_.end() && next->first <= now && served < kMostDeadlinesATurn;) {
    LoopSession& entry = *sessions_.at(next->second);
    if (only_paced && !entry.session->paced()) {
      ++next;
      continue;
    }
    const Now fresh = clock_.now();
    slip_.add(fresh.steady - entry.deadline);
    last_deadline_ = fresh.steady;
    call(entry, [&](Session& session, Outbox& out) { session.on_deadline(fresh, out); });
    ++served;
    next = deadlines_.begin();
    now = clock_.steady_now();
  }
  settle();
}

void PacketLoop::Impl::find_clock_step() {
  const Anchor fresh = clock_.anchor();
  if (fresh.epoch == anchor_.epoch) return;
  const Duration step = fresh.to_utc(fresh.steady) - anchor_.to_utc(fresh.steady);
  anchor_ = fresh;
  log_.warning("the clock stepped", {{"by", format_duration(step)}});
  std::vector<std::uint64_t> ids;
  for (const auto& [id, entry] : sessions_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const std::uint64_t id : ids) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || !found->second->started) continue;
    call(*found->second, [&](Session& session, Outbox& out) { session.on_clock_step(step, clock_.now(), out); });
  }
}

void PacketLoop::Impl::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) {
    try {
      task();
    } catch (const std::exception& error) {
      log_.error("posted task failed", {{"reason", error.what()}});
    }
  }
}

void PacketLoop::Impl::settle() {
  // Only what waits now: what these set off in turn waits for the next settling, so nothing runs for ever.
  std::deque<std::function<void()>> tasks;
  tasks.swap(after_);
  for (const auto& task : tasks) task();
  std::vector<SocketId> stamped;
  stamped.swap(stamped_);
  for (const SocketId id : stamped) deliver_stamps(id);
  old_sockets_.clear();
  old_streams_.clear();
  old_listeners_.clear();
  old_sessions_.clear();
}

void PacketLoop::Impl::turn(SteadyTime until) {
  if (until > SteadyTime::min()) gather(until);
  const auto ready = network_.wait(until);
  if (until > SteadyTime::min()) approach();
  find_clock_step();
  // Packets that must leave now go first; then what came in; a time that ran out is believed only after that.
  serve_deadlines(true);
  run_posted();
  settle();
  for (const Ready& one : ready) serve(one);
  expire_streams();
  serve_deadlines(false);
}

SteadyTime PacketLoop::Impl::next_deadline() const {
  if (!after_.empty() || !stamped_.empty()) return SteadyTime::min();
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) return SteadyTime::min();
  }
  SteadyTime next = deadlines_.empty() ? kNever : deadlines_.begin()->first;
  if (!stream_deadlines_.empty()) next = std::min(next, stream_deadlines_.begin()->first);
  return next;
}

SteadyTime PacketLoop::Impl::wake_time() const {
  const SteadyTime due = next_deadline();
  if (deadlines_.empty() || due != deadlines_.begin()->first) return due;
  if (!few() || !sessions_.at(deadlines_.begin()->second)->session->paced()) return due;
  const Duration left = due - clock_.steady_now();
  return left > kEarly + kEarly / 4 + options_.spin ? due - kEarly - options_.spin : due - options_.spin;
}

bool PacketLoop::Impl::few() const { return sessions_.size() <= kFew; }

void PacketLoop::Impl::gather(SteadyTime until) {
  if (!few() && until - clock_.steady_now() <= kGather) network_.rest(until);
}

/// The last millisecond before a paced deadline: warms the sending path up and spins, as far as the operator allows.
void PacketLoop::Impl::approach() {
  if (deadlines_.empty() || !few()) return;
  const auto [due, id] = *deadlines_.begin();
  const SteadyTime now = clock_.steady_now();
  const Duration left = due - now;
  if (left <= Duration::zero() || left > 2 * kEarly + options_.spin || !sessions_.at(id)->session->paced()) return;
  if (options_.warm_up && now - last_deadline_ > kWarmFor && left > kEarly / 20) {
    network_.warm_up();
    last_deadline_ = now;
  }
  if (left > options_.spin) return;
  while (clock_.steady_now() < due) {
  }
}

void PacketLoop::Impl::finish_all() {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, entry] : sessions_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const std::uint64_t id : ids) stop(id);
  settle();
  const SteadyTime end = clock_.steady_now() + kFinishWithin;
  while ((!sessions_.empty() || !streams_.empty()) && clock_.steady_now() < end) {
    turn(std::min(end, wake_time()));
  }
  while (!sessions_.empty()) {
    log_.warning("session did not finish in time", {{"session", std::to_string(sessions_.begin()->first)}});
    retire(*sessions_.begin()->second);
  }
  streams_.clear();
  stream_deadlines_.clear();
  settle();
}

void PacketLoop::Impl::run(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { network_.wake(); });
  while (!stop.stop_requested()) turn(wake_time());
  finish_all();
}

LoopHealth PacketLoop::Impl::health() const {
  return {slip_.count(), slip_.percentile(0.50), slip_.percentile(0.99), slip_.max(), session_count_};
}

PacketLoop::PacketLoop(const Clock& clock, Network& network, Log log, PacketLoopOptions options)
    : impl_(std::make_unique<Impl>(clock, network, std::move(log), options)) {}
PacketLoop::~PacketLoop() = default;
bool PacketLoop::post(std::function<void()> task) { return impl_->post(std::move(task)); }
std::uint64_t PacketLoop::start(SessionPtr session) { return impl_->start(std::move(session)); }
void PacketLoop::stop(std::uint64_t session) { impl_->stop(session); }
void PacketLoop::set_options(PacketLoopOptions options) { impl_->options_ = options; }
void PacketLoop::turn() { impl_->turn(SteadyTime::min()); }
SteadyTime PacketLoop::next_deadline() const { return impl_->next_deadline(); }
void PacketLoop::run(std::stop_token stop) { impl_->run(std::move(stop)); }
LoopHealth PacketLoop::health() const { return impl_->health(); }

}  // namespace sonde
