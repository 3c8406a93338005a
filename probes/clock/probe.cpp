#include <array>
#include <cmath>

#include "core/run/probe_type.h"
#include "probes/clock/chrony_wire.h"

namespace sonde::clock {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 1s;  ///< how long chrony may take to answer over loopback

constexpr std::array kMetrics = {
    Metric{"clock.offset", "offset of this clock", Unit::seconds, MetricKind::gauge, "chrony tracking; adjtimex(2)",
           "This node's clock minus UTC, as its time service estimates it; positive means fast."},
    Metric{"clock.bound", "bound of this clock's error", Unit::seconds, MetricKind::gauge, "RFC 5905 §11.2",
           "The clock is within this distance of UTC: |offset| + root dispersion + half the root delay."},
    Metric{"clock.frequency", "frequency error", Unit::parts_per_million, MetricKind::gauge,
           "chrony tracking; adjtimex(2)", "How much faster the hardware clock would run if it were not corrected."},
    Metric{"clock.synchronised", "synchronised", Unit::none, MetricKind::gauge, "chrony tracking; adjtimex(2)",
           "1 while a time service vouches for the clock, else 0."},
    Metric{"clock.stratum", "stratum", Unit::none, MetricKind::gauge, "RFC 5905 §7.3",
           "How many servers away the reference clock is."},
};
constexpr std::size_t kOffset = 0, kBound = 1, kFrequency = 2, kSynchronised = 3, kStratum = 4;

/// One poll: what was found out about the clock.
struct Reading {
  ClockQuality quality;
  std::optional<double> offset_s, bound_s, frequency_ppm, stratum;
};

Reading read_chrony(const Tracking& t) {
  Reading r;
  r.frequency_ppm = t.frequency_ppm;
  r.quality.synchronised = t.synchronised;
  if (!t.synchronised) {  // chrony's offset is 0 then, which nobody measured
    r.quality.source = "chrony answers but is not synchronised yet";
    return r;
  }
  r.offset_s = t.offset_s;
  r.stratum = t.stratum;
  r.bound_s = std::abs(t.offset_s) + t.root_dispersion_s + t.root_delay_s / 2;
  r.quality.bound = Duration{std::llround(*r.bound_s * 1e9)};
  r.quality.source = "chrony, stratum " + std::to_string(t.stratum);
  return r;
}

Reading read_kernel(const KernelDiscipline& kernel) {
  Reading r;
  if (!kernel.known) {
    r.quality.source = "nothing on this host vouches for the clock";
    return r;
  }
  r.frequency_ppm = kernel.frequency_ppm;
  r.quality.synchronised = kernel.synchronised;
  if (!kernel.synchronised) {
    r.quality.source = "the kernel says that no time service disciplines the clock (chrony does not answer on UDP 323)";
    return r;
  }
  r.offset_s = to_seconds(kernel.offset);
  r.bound_s = to_seconds(kernel.max_error);
  r.quality.bound = kernel.max_error;
  r.quality.source = "kernel";
  return r;
}

Statistic statistic(std::size_t which, std::optional<double> value, const Reading& reading) {
  Statistic s{&kMetrics[which], Direction::local, {}, value, {}, Basis::none, {}};
  if (!value) s.why = reading.quality.source;
  if (which == kOffset && value && reading.bound_s) {
    s.interval = {*value - *reading.bound_s, *value + *reading.bound_s};
    s.basis = Basis::clock_bound;
  }
  return s;
}

/// Asks once a step; falls back to the kernel's word when chrony is silent.
class ClockSession final : public Session {
 public:
  ClockSession(const RunOrder& order, ProbeContext& context)
      : context_(context),
        step_(order.spec.schedule.period),
        polled_(order.spec.schedule.kind == Schedule::Kind::continuous) {}

  void on_start(Now now, Outbox& out) override {
    socket_ = out.open_udp({.local = {IpAddress::loopback(Family::v4), 0}, .receive_buffer = 65536}).id;
    ask(now, out);
  }
  SteadyTime next_deadline() const override { return waiting_ ? give_up_ : next_; }

  void on_deadline(Now now, Outbox& out) override {
    if (waiting_) return conclude(read_kernel(context_.clock.discipline()), now, out);
    ask(now, out);
  }

  void on_datagram(SocketId, const Datagram& datagram, Now now, Outbox& out) override {
    if (!waiting_ || datagram.from != server_) return;
    if (datagram.error != 0) return conclude(read_kernel(context_.clock.discipline()), now, out);
    if (const auto tracking = decode_tracking_reply(datagram.payload, sequence_))
      conclude(read_chrony(*tracking), now, out);
  }

  void on_clock_step(Duration, Now now, Outbox&) override {
    if (!waiting_) plan(now);
  }

 private:
  void ask(Now now, Outbox& out) {
    asked_ = polled_ ? align_down(now.utc, step_) : now.utc;  // a step's value bears the step's time
    ++sequence_;
    waiting_ = true;
    give_up_ = now.steady + kPatience;
    if (socket_ == 0 || out.send(socket_, server_, encode_tracking_request(sequence_)) != 0) give_up_ = now.steady;
  }

  void conclude(const Reading& reading, Now now, Outbox& out) {
    waiting_ = false;
    ClockQuality quality = reading.quality;
    quality.believed = context_.clock.quality().believed;
    context_.vouch(quality);
    Result result;
    result.begin = asked_;
    result.end = now.utc;
    result.continuous = polled_;
    result.step = polled_ ? step_ : Duration::zero();
    result.local_clock = quality;
    if (!quality.synchronised) result.sentence = "Clock not synchronised: " + quality.source + ".";
    result.statistics = {statistic(kOffset, reading.offset_s, reading), statistic(kBound, reading.bound_s, reading),
                         statistic(kFrequency, reading.frequency_ppm, reading),
                         statistic(kSynchronised, quality.synchronised ? 1.0 : 0.0, reading),
                         statistic(kStratum, reading.stratum, reading)};
    context_.report(std::move(result));
    if (!polled_) return out.finish();
    plan(now);
  }

  /// The next whole step of UTC.
  void plan(Now now) { next_ = now.steady + (align_down(now.utc, step_) + step_ - now.utc); }

  ProbeContext& context_;
  Duration step_;
  bool polled_;
  Endpoint server_{IpAddress::loopback(Family::v4), kChronyPort};
  SocketId socket_ = 0;
  std::uint32_t sequence_ = 0;
  bool waiting_ = false;
  UtcTime asked_{};
  SteadyTime next_ = kNever, give_up_ = kNever;
};

SessionPtr open(const RunOrder& order, ProbeContext& context) { return std::make_unique<ClockSession>(order, context); }

Cost cost(const TestSpec& spec) {
  const double a_day = runs_per_day(spec.schedule);
  return {.results_per_day = a_day, .series = static_cast<int>(kMetrics.size())};
}

}  // namespace

extern const ProbeType probe_type;
const ProbeType probe_type = {
    .name = "clock",
    .title = "this node's clock",
    .summary = "Asks chrony, else the kernel, how far this node's clock may be from UTC.",
    .metrics = kMetrics,
    .options = {},
    .needs_peer = false,
    .standard_schedule = {.kind = Schedule::Kind::continuous, .period = 10s},
    .cost = cost,
    .open = open,
};

}  // namespace sonde::clock
