#include <array>
#include <map>

#include "core/run/probe_type.h"

namespace sonde::interfaces {
namespace {

using namespace std::chrono_literals;

struct Counted {
  Metric metric;
  std::uint64_t InterfaceState::*counter;
  double per_count;  ///< counter's unit to the metric's: octets to bits
};

constexpr std::array kCounted = {
    Counted{{"interface.in_rate", "received", Unit::bits_per_second, MetricKind::counter, "RFC 2863 ifHCInOctets",
             "Bits that came in each second, link headers included."},
            &InterfaceState::in_octets,
            8},
    Counted{{"interface.out_rate", "sent", Unit::bits_per_second, MetricKind::counter, "RFC 2863 ifHCOutOctets",
             "Bits that left each second, link headers included."},
            &InterfaceState::out_octets,
            8},
    Counted{{"interface.in_packets", "packets received", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifHCInUcastPkts and others", "Packets that came in each second."},
            &InterfaceState::in_packets,
            1},
    Counted{{"interface.out_packets", "packets sent", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifHCOutUcastPkts and others", "Packets that left each second."},
            &InterfaceState::out_packets,
            1},
    Counted{{"interface.in_errors", "receive errors", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifInErrors", "Packets a second that came in broken."},
            &InterfaceState::in_errors,
            1},
    Counted{{"interface.out_errors", "send errors", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifOutErrors", "Packets a second that could not be sent."},
            &InterfaceState::out_errors,
            1},
    Counted{{"interface.in_discards", "received and dropped", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifInDiscards", "Good packets a second that this host had no room for."},
            &InterfaceState::in_discards,
            1},
    Counted{{"interface.out_discards", "dropped before sending", Unit::packets_per_second, MetricKind::counter,
             "RFC 2863 ifOutDiscards", "Packets a second dropped from the sending queue."},
            &InterfaceState::out_discards,
            1},
};

constexpr std::array kStates = {
    Metric{"interface.up", "link up", Unit::none, MetricKind::gauge, "RFC 2863 ifOperStatus",
           "1 while the link works."},
    Metric{"interface.speed", "speed", Unit::bits_per_second, MetricKind::gauge, "RFC 2863 ifHighSpeed",
           "Nominal speed, where the driver tells it."},
    Metric{"interface.mtu", "MTU", Unit::octets, MetricKind::gauge, "RFC 2863 ifMtu", "Largest packet of the link."},
};

constexpr auto kMetrics = [] {
  std::array<Metric, kCounted.size() + kStates.size()> all;
  std::size_t n = 0;
  for (const auto& counted : kCounted) all[n++] = counted.metric;
  for (const auto& state : kStates) all[n++] = state;
  return all;
}();

struct Seen {
  InterfaceState state;
  SteadyTime at{};
};

/// The rate between two polls of one counter; undefined over a reset, never negative.
Statistic rate(const Metric& metric, double per_count, std::uint64_t before, std::uint64_t after, Duration between) {
  Statistic s{&metric, Direction::local, {}, {}, {}, Basis::none, {}};
  if (after < before || between <= Duration::zero()) {
    s.why = "the counter went back: the interface or its driver was restarted";
    return s;
  }
  s.value = static_cast<double>(after - before) * per_count / to_seconds(between);
  return s;
}

/// Polls the kernel's counters each whole step; the first poll only sets the base.
class InterfacesSession final : public Session {
 public:
  InterfacesSession(const RunOrder& order, ProbeContext& context)
      : context_(context),
        polled_(order.spec.schedule.kind == Schedule::Kind::continuous),
        step_(polled_ ? order.spec.schedule.period : Duration{1s}) {}

  void on_start(Now now, Outbox&) override {
    remember(context_.network.interfaces(), now.steady);
    plan(now);
  }
  SteadyTime next_deadline() const override { return next_; }

  void on_deadline(Now now, Outbox& out) override {
    const auto states = context_.network.interfaces();
    Result result;
    // The rates belong to the step that ends now.
    result.end = polled_ ? align_down(now.utc, step_) : now.utc;
    result.begin = result.end - step_;
    result.continuous = polled_;
    result.step = polled_ ? step_ : Duration::zero();
    for (const InterfaceState& state : states) add(result, state, now.steady);
    remember(states, now.steady);
    context_.report(std::move(result));
    if (!polled_) return out.finish();
    plan(now);
  }

  void on_clock_step(Duration, Now now, Outbox&) override { plan(now); }

 private:
  void add(Result& result, const InterfaceState& state, SteadyTime now) const {
    const auto append = [&](Statistic s) {
      s.subject = state.name;
      result.statistics.push_back(std::move(s));
    };
    if (const auto seen = seen_.find(state.name); seen != seen_.end() && seen->second.state.index == state.index)
      for (std::size_t i = 0; i < kCounted.size(); ++i)
        append(rate(kMetrics[i], kCounted[i].per_count, seen->second.state.*kCounted[i].counter,
                    state.*kCounted[i].counter, now - seen->second.at));
    const std::optional<double> values[] = {
        state.up && state.running ? 1.0 : 0.0,
        state.speed_bps ? std::optional(static_cast<double>(*state.speed_bps)) : std::nullopt,
        static_cast<double>(state.mtu)};
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      Statistic s{&kMetrics[kCounted.size() + i], Direction::local, {}, values[i], {}, Basis::exact_count, {}};
      if (!values[i]) s.why = "the driver does not tell";
      append(std::move(s));
    }
  }

  void remember(const std::vector<InterfaceState>& states, SteadyTime now) {
    seen_.clear();
    for (const InterfaceState& state : states) seen_[state.name] = {state, now};
  }

  void plan(Now now) { next_ = now.steady + (polled_ ? align_down(now.utc, step_) + step_ - now.utc : step_); }

  ProbeContext& context_;
  bool polled_;
  Duration step_;
  SteadyTime next_ = kNever;
  std::map<std::string, Seen> seen_;
};

SessionPtr open(const RunOrder& order, ProbeContext& context) {
  return std::make_unique<InterfacesSession>(order, context);
}

Cost cost(const TestSpec& spec) {
  const double a_day = runs_per_day(spec.schedule);
  return {.results_per_day = a_day, .series = static_cast<int>(4 * kMetrics.size())};
}

}  // namespace

extern const ProbeType probe_type;
const ProbeType probe_type = {
    .name = "interfaces",
    .title = "this node's interfaces",
    .summary = "Reads what the kernel counts at each of this node's own interfaces: load, packets, errors, discards.",
    .metrics = kMetrics,
    .options = {},
    .needs_peer = false,
    .standard_schedule = {.kind = Schedule::Kind::continuous, .period = 10s},
    .cost = cost,
    .open = open,
};

}  // namespace sonde::interfaces
