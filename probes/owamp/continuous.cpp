#include <algorithm>

#include "probes/owamp/client_session.h"
#include "probes/owamp/round_result.h"

namespace sonde::owamp {
namespace {

using namespace std::chrono_literals;

/// Sessions are asked for this long before their step, so that the peer is ready even if its clock is ahead.
constexpr Duration kLead = 15s;
/// Added at random, once for each test: many tests do not knock at one door at one instant.
constexpr Duration kSpread = 5s;
/// The same for a test that begins when its first step is near.
constexpr Duration kKnock = 2s;
/// A step that begins sooner than this is left to the next one.
constexpr Duration kLeastLead = 5s;
/// From the end of a step and its threshold until its connection is free: end delay, Stop-Sessions, Fetch.
constexpr Duration kClosing = 30s;
constexpr Duration kLive = 5s;

/// One session and one Result for each step, without a gap: connections take turns.
class Continuous final : public ClientSession {
 public:
  using ClientSession::ClientSession;

 private:
  std::size_t connections() const override {
    const Duration busy = kLead + kSpread + settings_.step + settings_.loss_threshold + kClosing;
    return std::max<std::size_t>(2, static_cast<std::size_t>((busy + settings_.step - Duration{1}) / settings_.step));
  }

  void begin(Now now, Outbox&) override {
    lead_ = kLead + spread(kSpread);
    next_live_ = now.steady + kLive;
    choose_next(now.utc + kLeastLead);
    ask_at_ = std::max(ask_at_, now.steady + spread(kKnock));
    context_.progress(-1, "the first session begins at " + format_utc(next_step_, 0));
  }

  Duration spread(Duration most) {
    return Duration{static_cast<std::int64_t>(context_.random.below(static_cast<std::uint64_t>(most.count())))};
  }

  void choose_next(UtcTime after) {
    next_step_ = align_down(after, settings_.step) + settings_.step;
    // A clock step may have brought us back before a step that is already asked for.
    for (const auto& client : clients_)
      if (client->round() != nullptr && client->round()->order.begin >= next_step_)
        next_step_ = *client->round()->order.begin + settings_.step;
    ask_at_ = context_.clock.anchor().to_steady(next_step_ - lead_);
  }

  SteadyTime next_plan() const override {
    if (stopping()) return kNever;
    SteadyTime next = std::min(ask_at_, next_live_);
    for (const Held& held : held_) next = std::min(next, held.at);
    return next;
  }

  void plan(Now now, Outbox& out) override {
    const auto ripe = std::ranges::stable_partition(held_, [&](const Held& held) { return held.at > now.steady; });
    for (Held& held : ripe) context_.report(std::move(held.result));
    held_.erase(ripe.begin(), ripe.end());
    if (now.steady >= next_live_) tell_live(now);
    if (now.steady < ask_at_) return;
    if (failed_ && all_idle() && !reopen(now, out)) return;
    ask(now, out);
    // After a long sleep only the step that lies ahead is worth asking for.
    choose_next(std::max(next_step_, now.utc + kLeastLead));
  }

  void ask(Now now, Outbox& out) {
    RoundOrder order = common_order();
    order.begin = next_step_;
    order.end = next_step_ + settings_.step;
    const TimeRange window{*order.begin, *order.end};
    if (now.utc >= next_step_)
      return fail_step(window, "This node slept through the time to ask for the session.", now);
    const auto free = std::ranges::find_if(clients_, [](const auto& client) { return client->idle(); });
    if (free == clients_.end())
      return fail_step(window, "The sessions of the steps before had not ended in time.", now);
    // The one that served last goes to the end: connections take turns.
    std::rotate(free, free + 1, clients_.end());
    clients_.back()->begin(std::make_unique<Round>(order), now, out);
  }

  void fail_step(const TimeRange& window, const std::string& sentence, Now now) {
    hold(failed_result(window, sentence, order_, settings_, context_), now);
  }

  /// What is known before its step is over is told at once, but no Result is from the future.
  void hold(Result result, Now now) {
    if (result.outcome == Outcome::failed) context_.progress(-1, result.sentence);
    const SteadyTime at = context_.clock.anchor().to_steady(result.end);
    if (at <= now.steady || stopping()) return context_.report(std::move(result));
    held_.push_back({at, std::move(result)});
  }

  void tell_live(Now now) {
    next_live_ = now.steady + kLive;
    for (const auto& client : clients_) {
      const ReverseSession* reverse = client->look(now);
      if (reverse != nullptr && !reverse->receiver->records().empty())
        context_.live(live_result(*client->round(), *reverse, order_, settings_, context_));
    }
  }

  void over(std::unique_ptr<Round> round, Now now, Outbox&) override {
    Result result = result_of(*round, order_, settings_, context_);
    failed_ = result.outcome == Outcome::failed;
    // Never begun and ended from here: the time it stood for is taken by another round, or by nobody.
    if (failed_ && now.utc < round->order.begin && (stopping() || round->clock_stepped)) return;
    hold(std::move(result), now);
  }

  void stepped(Duration, Now now) override {
    const Anchor anchor = context_.clock.anchor();
    for (Held& held : held_) held.at = std::min(held.at, anchor.to_steady(held.result.end));
    choose_next(now.utc + kLeastLead);
  }

  /// Own addresses and ports may come back: tried again with each step.
  void cannot_begin(const std::string& sentence, Now now, Outbox&) override {
    const UtcTime step = align_down(now.utc, settings_.step);
    failed_ = true;
    fail_step({step, step + settings_.step}, sentence, now);
    ask_at_ = context_.clock.anchor().to_steady(step + settings_.step);
  }

  struct Held {
    SteadyTime at{};
    Result result;
  };
  UtcTime next_step_{};
  SteadyTime ask_at_ = kNever, next_live_ = kNever;
  Duration lead_{};
  std::vector<Held> held_;
  bool failed_ = false;  // the last step: own address or ports may have gone
};

}  // namespace

SessionPtr make_continuous(const RunOrder& order, ProbeContext& context) {
  return std::make_unique<Continuous>(order, context);
}

}  // namespace sonde::owamp
