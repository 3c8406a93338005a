#include "test/core/archive/archive_fixture.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <sstream>

#include "core/measurement/metric.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;

void add(Result& r, const Metric& metric, Direction direction, double value, double half_width = 0) {
  Statistic s{&metric, direction, {}, value, {}, Basis::exact_count, {}};
  if (half_width > 0) {
    s.interval = {value - half_width, value + half_width};
    s.basis = Basis::sampling_and_clock;
  }
  r.statistics.push_back(s);
}

void add_direction(Result& r, Direction direction, double base, std::uint64_t lost) {
  for (const Metric& metric : standard_metrics()) {
    if (metric.key.starts_with("delay.") && metric.key != "delay.min" && metric.key != "delay.max")
      add(r, metric, direction, base + 0.001, 0.0002);
    if (metric.key.starts_with("ipdv.") || metric.key.starts_with("pdv.")) add(r, metric, direction, 0.000125);
  }
  add(r, metric::delay_min, direction, base);
  add(r, metric::delay_max, direction, base + 0.002);
  add(r, metric::loss_ratio, direction, static_cast<double>(lost) / 600, 0.003);
  add(r, metric::sent, direction, 600);
  add(r, metric::received, direction, static_cast<double>(600 - lost));
  add(r, metric::lost, direction, static_cast<double>(lost));
  for (const Metric* metric :
       {&metric::duplicates, &metric::reordered, &metric::dropped_here, &metric::sent_late, &metric::duplicate_ratio,
        &metric::reordered_ratio, &metric::reordering_extent, &metric::n_reordering_1, &metric::n_reordering_2,
        &metric::n_reordering_3, &metric::loss_periods, &metric::loss_period_max})
    add(r, *metric, direction, 0);
  r.statistics.push_back({&metric::loss_distance_mean, direction, {}, {}, {}, Basis::none, "fewer than two were lost"});
  add(r, metric::hops_min, direction, 11);
  add(r, metric::hops_max, direction, 11);
  add(r, metric::slip_p99, direction, 0.000042);
  r.directions.push_back({direction, {600, 600 - lost, lost, 0, 0, 0, 0}, {}, {}});
}

void print(std::ostream& out, const std::optional<double>& value) {
  char text[40] = "-";
  if (value) std::snprintf(text, sizeof text, "%a", *value);
  out << text << ' ';
}

void print(std::ostream& out, const ClockQuality& q) {
  out << (q.bound ? std::to_string(q.bound->count()) : "?") << q.synchronised << q.believed << q.source << '|';
}

}  // namespace

MemoryFolder::MemoryFolder() {
  static std::atomic<int> count{0};
  const std::filesystem::path memory = "/dev/shm";
  path_ = (std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
          ("sonde-archive-" + std::to_string(getpid()) + "-" + std::to_string(count++));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

MemoryFolder::~MemoryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string id_of(std::uint64_t n) {
  char text[32];
  std::snprintf(text, sizeof text, "01%024llu", static_cast<unsigned long long>(n));
  return text;
}

Result owamp_minute(int minute, const std::string& test) {
  Result r;
  r.id = test + "-" + std::to_string(minute);
  r.id = std::string(26 - r.id.size(), '0') + r.id;
  r.test = test;
  r.run = "run-" + test;
  r.probe = "owamp";
  r.begin = kStart + minute * 60s;
  r.end = r.begin + 60s;
  r.continuous = true;
  r.step = 60s;
  r.local_clock = {150us, true, true, "chrony, stratum 2"};
  r.remote_clock = {250us, true, true, "the peer's error estimate"};
  r.stamp = StampSource::kernel;
  r.local_address = *IpAddress::parse("192.0.2.1");
  r.remote_address = *IpAddress::parse("192.0.2.2");
  r.health.slip_p99 = 42us;
  add_direction(r, Direction::forward, 0.010 + 0.000001 * (minute % 7), static_cast<std::uint64_t>(minute % 3));
  add_direction(r, Direction::reverse, 0.011, 0);
  r.parameters = {{"interval", "100 ms"}, {"loss_threshold", "10 s"}, {"size", "14 octets"}};
  return r;
}

Result ping_run(UtcTime begin, const std::string& test) {
  Result r;
  r.test = test;
  r.id = test + std::to_string(begin.time_since_epoch().count() / 1'000'000);
  r.id = std::string(26 - r.id.size(), '0') + r.id;
  r.run = r.id;
  r.probe = "ping";
  r.begin = begin;
  r.end = begin + 10s;
  r.sentence = "Done with one loss.";
  r.stamp = StampSource::user;
  r.remote_address = *IpAddress::parse("2001:db8::7");
  add(r, metric::delay_p50, Direction::round_trip, 0.0213);
  add(r, metric::loss_ratio, Direction::round_trip, 0.1, 0.05);
  DirectionResult d{Direction::round_trip, {10, 9, 1, 0, 0, 0, 0}, {}, {}};
  for (std::uint32_t i = 0; i < 10; ++i)
    d.packets.push_back({i, begin + i * 1s, begin + i * 1s + 20us,
                         i == 4 ? std::nullopt : std::optional(begin + i * 1s + 21'300us), 56});
  r.directions.push_back(d);
  r.log.push_back({begin + 4s, LogLevel::warning, "ping: no answer seq=4"});
  return r;
}

std::string describe(const Result& r) {
  std::ostringstream out;
  out << r.id << ' ' << r.test << ' ' << r.revision << ' ' << r.run << ' ' << r.probe << ' '
      << r.begin.time_since_epoch().count() << ' ' << r.end.time_since_epoch().count() << ' ' << r.continuous
      << r.step.count() << r.late << to_string(r.outcome) << r.sentence << r.time_in_doubt << r.own_clocks_only << '|';
  print(out, r.local_clock);
  print(out, r.remote_clock);
  out << static_cast<int>(r.stamp) << r.local_address.text() << ' ' << r.remote_address.text() << '\n';
  for (const Statistic& s : r.statistics) {
    out << s.metric->key << ' ' << to_string(s.direction) << ' ' << s.subject << ' ' << to_string(s.basis) << ' '
        << s.why;
    print(out, s.value);
    print(out, s.interval.low);
    print(out, s.interval.high);
    out << '\n';
  }
  for (const DirectionResult& d : r.directions) {
    const Counts& c = d.counts;
    out << to_string(d.direction);
    for (auto n : {c.sent, c.received, c.lost, c.duplicated, c.reordered, c.dropped_here, c.sent_late}) out << ' ' << n;
    out << ' ' << to_hex(d.histogram) << '\n';
    for (const PacketRecord& p : d.packets)
      out << p.sequence << ' ' << p.scheduled.time_since_epoch().count() << ' ' << p.sent.time_since_epoch().count()
          << ' ' << (p.received ? p.received->time_since_epoch().count() : 0) << ' ' << int{p.hop_limit} << '\n';
  }
  out << (r.health.slip_p99 ? r.health.slip_p99->count() : -1) << ' ' << r.health.socket_drops << r.health.clock_stepped
      << r.health.own_heavy_test;
  print(out, r.health.cpu_steal);
  for (const auto& [key, value] : r.parameters) out << key << '=' << value << ' ';
  for (const LogLine& line : r.log)
    out << '\n' << line.time.time_since_epoch().count() << to_string(line.level) << line.text;
  return out.str();
}

}  // namespace sonde::test
