#include "appliance/measure.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iostream>
#include <thread>

#include "appliance/hop_labels.h"
#include "appliance/privileges.h"
#include "appliance/resolver.h"
#include "appliance/result_text.h"
#include "appliance/route_text.h"
#include "appliance/run_session.h"
#include "core/base/error.h"
#include "core/base/identifier.h"
#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"
#include "core/run/scheduler.h"
#include "probes/throughput/iperf3_document.h"
#include "probes/throughput/throughput.h"
#include "web/api/result_json.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

std::stop_source interrupted;  // asked by the signal handler; a stop_source is the loop's own language

/// Ends the loop on Ctrl-C and TERM: what has been measured so far is still told.
class Interruptible {
 public:
  Interruptible()
      : thread_([](std::stop_token stop) {
          sigset_t set = signals();
          const timespec tick{0, 200'000'000};
          while (!stop.stop_requested())
            if (sigtimedwait(&set, nullptr, &tick) > 0) interrupted.request_stop();
        }) {}
  /// Before any thread is made: all inherit the mask.
  static void block() {
    const sigset_t set = signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }

 private:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
  }
  std::jthread thread_;
};

/// The parts of one run on this thread.
struct Bench {
  LinuxClock clock;
  std::unique_ptr<Network> network = std::make_unique<LinuxNetwork>(clock);
  std::unique_ptr<Random> random = system_random();
  Log log{stderr_sink(), "measure", LogLevel::warning};
  PacketLoop loop{clock, *network, log, {.spin = 200us, .warm_up = true}};
};

/// Runs one session to its end and gives back its Result.
std::optional<Result> run_one(Bench& bench, const ProbeType& type, const RunOrder& order,
                              std::function<void(double, std::string)> progress, std::stop_source stop) {
  std::optional<Result> found;
  ProbeContext context{bench.clock, *bench.network, *bench.random, bench.log};
  context.report = [&](Result result) { found = std::move(result); };
  context.progress = std::move(progress);
  context.vouch = [&](ClockQuality quality) { bench.clock.vouch(std::move(quality)); };
  bench.loop.start(std::make_unique<RunSession>(type, order, std::move(context),
                                                [stop](Outcome, std::string) mutable { stop.request_stop(); }));
  bench.loop.run(stop.get_token());
  return found;
}

/// A throughput run of which everything is wanted: what the Result does not carry stands in iperf3's document.
std::optional<Result> run_for_document(Bench& bench, const RunOrder& order,
                                       std::function<void(double, std::string)> progress, std::string& document,
                                       std::stop_source stop) {
  std::optional<Result> found;
  ProbeContext context{bench.clock, *bench.network, *bench.random, bench.log};
  context.report = [&](Result result) {
    found = std::move(result);
    stop.request_stop();
  };
  context.progress = std::move(progress);
  bench.loop.start(throughput::make_client(
      order, context, throughput::make_thread_mover,
      [&](const throughput::Report& report) { document = throughput::iperf3_document(report, order.target_name); }));
  bench.loop.run(stop.get_token());
  return found;
}

const ProbeType* find(std::span<const ProbeType* const> catalogue, std::string_view name) {
  for (const ProbeType* type : catalogue)
    if (type->name == name) return type;
  return nullptr;
}

std::string names(std::span<const ProbeType* const> catalogue) {
  std::string text;
  for (const ProbeType* type : catalogue) text += (text.empty() ? "" : ", ") + std::string(type->name);
  return text;
}

/// The sentence that refuses the order, or empty.
std::string check(const MeasureOrder& order, const ProbeType& type) {
  for (const auto& [name, value] : order.options) {
    const auto spec = std::ranges::find(type.options, name, &OptionSpec::name);
    if (spec == type.options.end()) {
      std::string known;
      for (const OptionSpec& one : type.options) known += (known.empty() ? "" : ", ") + std::string(one.name);
      return "The probe " + order.probe + " has no option " + name + "; it has: " + known + ".";
    }
    if (std::string refusal = check_option(*spec, value); !refusal.empty()) return refusal;
  }
  if (type.needs_peer && order.host.empty())
    return "Say which host to measure to: sonde measure " + order.probe + " HOST";
  if (order.iperf3_json && order.probe != "throughput")
    return "--iperf3-json belongs to the probe throughput; use --json.";
  if (!order.source.empty() && !IpAddress::parse(order.source))
    return "--from \"" + order.source + "\": allowed is one of this host's own addresses.";
  return {};
}

Resolution resolve(const MeasureOrder& order, Family& family) {
  const auto ask = [&](Family one) {
    std::promise<Resolution> answer;
    auto resolver = system_resolver();
    resolver->resolve(order.host, one, [&](Resolution r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  };
  family = order.family.value_or(Family::v4);
  Resolution resolution = ask(family);
  if (!order.family && resolution.addresses.empty()) {
    Resolution other = ask(Family::v6);
    if (!other.addresses.empty()) {
      family = Family::v6;
      return other;
    }
  }
  return resolution;
}

void show_progress(double share, const std::string& phase) {
  if (!isatty(STDERR_FILENO)) return;
  std::string line = "\r\033[K";
  if (share >= 0) line += std::to_string(static_cast<int>(share * 100)) + " % ";
  std::cerr << line << phase << std::flush;
}

/// Heavy tests say a line a second, so that a log shows it too.
void tell_progress(double, const std::string& phase) { std::cerr << phase << std::endl; }

void save_raw(const std::string& file, const Result& result) {
  std::ofstream out(file);
  out << raw_lines(result);
  out.flush();
  if (!out) throw Error("write the raw packets to", file, errno);
}

/// The order with its far end, or nothing when there is no such host (said on standard error).
std::optional<RunOrder> address(const MeasureOrder& order, const ProbeType& type, Bench& bench) {
  const UtcTime now = bench.clock.utc_now();
  RunOrder run{.run = make_id(now, *bench.random),
               .target_name = order.host,
               .port = order.port,
               .planned = now,
               .requester = "command line",
               .port_offset = order.port_offset};
  run.spec.probe = order.probe;
  run.spec.schedule.kind = Schedule::Kind::once;
  run.spec.options = order.options;
  run.spec.source = order.source;
  if (!type.needs_peer) return run;
  const Resolution resolution = resolve(order, run.spec.family);
  if (resolution.addresses.empty()) {
    std::cerr << "The name " << order.host << " has no address to test: " << resolution.error << ".\n";
    return std::nullopt;
  }
  run.target = resolution.addresses.front();
  return run;
}

/// Names for the routers on the way, as long as that takes no more than some seconds for all of them.
std::function<std::string(const IpAddress&)> names_in_time(const Clock& clock) {
  // The C library's own 5 s and 2 attempts for each of many routers would keep the operator waiting.
  setenv("RES_OPTIONS", "timeout:1 attempts:1", 0);
  return [&clock, end = clock.steady_now() + 4s](const IpAddress& address) {
    return clock.steady_now() < end ? name_of(address) : std::string();
  };
}

/// Who vouches for the clock is asked first: every one-way delay needs its bound.
void ask_clock(Bench& bench, const ProbeType& clock, const RunOrder& run) {
  RunOrder first{.run = run.run, .planned = run.planned};
  first.spec.schedule.kind = Schedule::Kind::once;
  run_one(
      bench, clock, first, [](double, std::string) {}, std::stop_source{});
}

void print(const MeasureOrder& order, const ProbeType& type, const RunOrder& run, const Result& result,
           const Clock& clock) {
  const std::string to = type.needs_peer ? " to " + order.host + " (" + run.target.text() + ")" : "";
  if (order.json)
    std::cout << web::result_json(result, web::Detail::full) << '\n';
  else
    std::cout << describe(result, std::string(type.title) + to);
  if (!order.json && result.route) std::cout << '\n' << route_lines(*result.route, names_in_time(clock));
  std::cout.flush();
}

}  // namespace

ClockQuality clock_here(std::span<const ProbeType* const> catalogue) {
  Bench bench;
  const UtcTime now = bench.clock.utc_now();
  if (const ProbeType* clock = find(catalogue, "clock"))
    ask_clock(bench, *clock, {.run = make_id(now, *bench.random), .planned = now});
  return bench.clock.quality();
}

int measure(const MeasureOrder& order, std::span<const ProbeType* const> catalogue) {
  const ProbeType* type = find(catalogue, order.probe);
  if (type == nullptr || type->open == nullptr) {
    std::cerr << "There is no probe \"" << order.probe << "\"; choose one of: " << names(catalogue) << ".\n";
    return 2;
  }
  if (const std::string refusal = check(order, *type); !refusal.empty()) {
    std::cerr << refusal << '\n';
    return 2;
  }
  Interruptible::block();
  settle_privileges();
  const Interruptible interruptible;
  Bench bench;
  const auto run = address(order, *type, bench);
  if (!run) return 1;
  if (const ProbeType* clock = find(catalogue, "clock"); clock != nullptr && clock != type)
    ask_clock(bench, *clock, *run);
  take_real_time_priority();
  const bool heavy = type->footprint == Footprint::saturating;
  std::string document;
  auto result = order.iperf3_json ? run_for_document(bench, *run, tell_progress, document, interrupted)
                                  : run_one(bench, *type, *run, heavy ? tell_progress : show_progress, interrupted);
  if (!heavy && isatty(STDERR_FILENO)) std::cerr << "\r\033[K" << std::flush;
  if (!result) throw Error("The run ended without a result; its log above says why.");
  result->id = result->run = run->run;
  result->probe = order.probe;
  if (!order.raw_file.empty()) save_raw(order.raw_file, *result);
  if (order.iperf3_json)
    std::cout << document << std::endl;
  else
    print(order, *type, *run, *result, bench.clock);
  return result->outcome == Outcome::done ? 0 : 1;
}

}  // namespace sonde
