#include "test/support/fake_node.h"

#include <algorithm>

#include "core/statistics/delay_histogram.h"
#include "test/support/fake_probes.h"

namespace sonde::test {
namespace {

template <typename T>
std::future<T> ready(T value) {
  std::promise<T> promise;
  promise.set_value(std::move(value));
  return promise.get_future();
}

InterfaceState interface(const std::string& name, const char* address, int length) {
  InterfaceState state;
  state.name = name;
  state.up = state.running = true;
  state.loopback = name == "lo";
  state.mtu = 1500;
  state.in_octets = 12'345;
  state.speed_bps = 1'000'000'000;
  state.addresses = {{*IpAddress::parse(address), length}};
  return state;
}

Config first_config() {
  Config config;
  config.site = {
      "00112233445566778899aabbccddeeff", "gva.example.org", "Example", "Geneva", 46.2, 6.1, "noc@example.org"};
  config.peers = {{"lyon", "Lyon", "192.0.2.7"}, {"oslo", "", "oslo.example.org"}};
  TestSpec spec;
  spec.id = "t1";
  spec.title = "to Lyon";
  spec.probe = "echo";
  spec.peer = "lyon";
  spec.schedule = {.kind = Schedule::Kind::continuous, .period = std::chrono::minutes(1)};
  spec.options = {{"count", "20"}};
  TestSpec own;
  own.id = "own";
  own.probe = "self";
  own.self_check = true;
  own.schedule = self_probe().standard_schedule;
  config.tests = {spec, own};
  return config;
}

/// A host whose clock nobody vouches for and whose NIC could be set better.
std::shared_ptr<const FitnessReport> first_report() {
  HostFacts facts;
  facts.clock.quality.source = "nobody";
  NicFacts nic;
  nic.name = "eth0";
  nic.running = nic.is_device = true;
  nic.mtu = 1500;
  nic.speed_bps = 1'000'000'000;
  nic.ring = {256, 4096, 256, 4096};
  facts.nics = {nic};
  facts.cpu.cores = 2;
  return std::make_shared<const FitnessReport>(make_report(facts, {}, FakeNode::kNow));
}

FirstTest first_test() {
  FirstTest test;
  test.spec.id = "gateway";
  test.spec.title = "to the gateway";
  test.spec.probe = "echo";
  test.spec.schedule = echo_probe().standard_schedule;
  test.peer = {"", "gateway", "198.51.100.1"};
  test.sentence = "10 packets every 5 min to 198.51.100.1.";
  return test;
}

}  // namespace

std::vector<SeriesInfo> CannedArchive::series(const std::string& test) const {
  return {{{test, 1, "delay.p50", Direction::forward, ""},
           {FakeNode::kNow - std::chrono::hours(1), FakeNode::kNow},
           std::chrono::minutes(1)}};
}

Series CannedArchive::fetch(const SeriesKey& key, TimeRange range, Duration) const {
  Series series{key, std::chrono::minutes(1), {}};
  const UtcTime begin = align_down(range.begin, series.step);
  series.points = {{begin, 0.0131, 0.0130, 0.0135, 45e-6},
                   {begin + series.step, {}, {}, {}, {}},
                   {begin + 3 * series.step, 0.0132, {}, {}, {}}};
  return series;
}

Smoke CannedArchive::smoke(const std::string&, std::uint32_t, Direction, TimeRange range, Duration) const {
  Smoke smoke{std::chrono::minutes(1), {}};
  const UtcTime begin = align_down(range.begin, smoke.step);
  for (int i = 0; i < 10; ++i) {
    SmokePoint point{.begin = begin + i * smoke.step, .sent = 600, .lost = i == 3 ? 7u : 0u};
    if (i != 5)
      point.min = 0.013, point.p10 = 0.0131, point.p25 = 0.0132, point.p50 = 0.0133, point.p75 = 0.0134,
      point.p90 = 0.0135, point.max = 0.02;
    else
      point.sent = 0;
    point.clock_bound = 90e-6;
    smoke.points.push_back(point);
  }
  return smoke;
}

FakeNode::FakeNode() {
  now_.made = kNow;
  now_.started = kNow - std::chrono::hours(3);
  now_.version = "0.1.0";
  now_.config = std::make_shared<const Config>(first_config());
  now_.config_revision = 7;
  now_.clock = {std::chrono::microseconds(45), true, true, "chrony, stratum 2"};
  now_.health = {30'000'000,
                 0.02,
                 std::chrono::microseconds(80),
                 {interface("lo", "127.0.0.1", 8), interface("eth0", "198.51.100.9", 24)},
                 12e-6};
  now_.runs = {
      {"r2", "t1", "to Lyon", "echo", "web: alice", RunState::running, kNow, kNow, {}, "", 0.4, "sending", 0, {}},
      {"r1", "t1", "to Lyon", "echo", "schedule", RunState::done, kNow, kNow, kNow, "Done.", -1, "", 0, {}}};
  now_.next_due = {{"t1", kNow + std::chrono::minutes(1)}};
  now_.latest["t1"] = std::make_shared<const Result>(sample_result("01RESULT0000000000000000A1", "t1"));
  now_.ports = {{"OWAMP control", "TCP", "both", 861, 861, true, ""},
                {"test packets", "UDP", "both", 8760, 8960, true, ""},
                {"ping", "ICMP", "both", 0, 0, true, ""}};
  now_.first_tests = {first_test()};
  now_.fitness = first_report();
  now_.can_mend = true;
  facts.host_name = "gva.example.org";
  facts.networks = {*Prefix::parse("198.51.100.0/24")};
  facts.interfaces = {{"eth0", "52:54:00:12:34:56", "", true, {*HostAddress::parse("198.51.100.9/24")}}};
  canned.store(sample_result("01RESULT0000000000000000A1", "t1"));
  canned.store_event({"e1", kNow - std::chrono::minutes(5), "clock_step", "", "The clock was stepped by 1 s."});
}

std::shared_ptr<const Snapshot> FakeNode::snapshot() const {
  const std::lock_guard lock(mutex_);
  return std::make_shared<const Snapshot>(now_);
}

std::span<const ProbeType* const> FakeNode::probes() const { return fake_probes_and_heavy(); }

std::future<std::optional<Problem>> FakeNode::change(Edit edit, std::optional<std::uint64_t> if_revision) {
  const std::lock_guard lock(mutex_);
  const auto no = [](int status, const char* field, std::string sentence) {
    return ready<std::optional<Problem>>(Problem{status, field, std::move(sentence)});
  };
  if (!refuse_changes.empty()) return no(503, "", refuse_changes);
  if (if_revision && *if_revision != now_.config_revision) return no(412, "If-Match", "It was changed meanwhile.");
  Config next = *now_.config;
  if (auto refused = edit(next)) return ready<std::optional<Problem>>(std::move(refused));
  now_.config = std::make_shared<const Config>(std::move(next));
  ++now_.config_revision;
  return ready<std::optional<Problem>>(std::nullopt);
}

std::future<Node::Queued> FakeNode::run_now(const std::string& test, const std::string& requester) {
  RunView run{.id = "r3", .test = test, .title = "to Lyon", .probe = "echo", .requester = requester};
  run.planned = kNow;
  run.queue_position = 1;
  return ready(Queued{std::nullopt, run});
}

std::future<std::optional<Problem>> FakeNode::stop_run(const std::string& run) {
  if (run == "r2") return ready<std::optional<Problem>>(std::nullopt);
  return ready<std::optional<Problem>>(Problem{404, "id", "There is no such run."});
}

std::future<PeerCheck> FakeNode::check_peer(const std::string& address) {
  return ready(
      PeerCheck{address,
                {*IpAddress::parse("192.0.2.7")},
                {{"ping", true, "answers", std::chrono::milliseconds(13)}, {"owamp", false, "port 861 refuses", {}}},
                "It answers ping."});
}

std::future<std::optional<Problem>> FakeNode::delete_test(const std::string& test) {
  canned.delete_test(test);
  return change(
      [test](Config& config) -> std::optional<Problem> {
        std::erase_if(config.tests, [&](const TestSpec& spec) { return spec.id == test; });
        return std::nullopt;
      },
      std::nullopt);
}

std::future<std::optional<Problem>> FakeNode::mend(const std::string& finding) {
  const std::lock_guard lock(mutex_);
  const auto no = [](int status, std::string sentence) {
    return ready<std::optional<Problem>>(Problem{status, "", std::move(sentence)});
  };
  const auto found = std::ranges::find(now_.fitness->findings, finding, &Finding::key);
  if (found == now_.fitness->findings.end()) return no(404, "There is no such finding any more.");
  if (found->rows.empty() || !now_.can_mend) return no(409, "Type it.");
  mended.push_back(finding);
  return ready<std::optional<Problem>>(std::nullopt);
}

DiskBudget FakeNode::budget(const TestSpec&) const { return {42'000'000, 115'000}; }

void FakeNode::listen(Listener wanted) { listener = std::move(wanted); }

void FakeNode::set(const std::function<void(Snapshot&)>& edit) {
  const std::lock_guard lock(mutex_);
  edit(now_);
}

void FakeNode::set_config(const std::function<void(Config&)>& edit) {
  set([&](Snapshot& now) {
    Config config = *now.config;
    edit(config);
    now.config = std::make_shared<const Config>(std::move(config));
    ++now.config_revision;
  });
}

Result sample_result(const std::string& id, const std::string& test, UtcTime begin) {
  Result result;
  result.id = id;
  result.test = test;
  result.run = "r1";
  result.probe = "echo";
  result.begin = begin;
  result.end = begin + std::chrono::minutes(1);
  result.continuous = true;
  result.step = std::chrono::minutes(1);
  result.local_clock = result.remote_clock = {std::chrono::microseconds(45), true, true, "chrony, stratum 2"};
  result.stamp = StampSource::kernel;
  result.local_address = *IpAddress::parse("198.51.100.9");
  result.remote_address = *IpAddress::parse("192.0.2.7");
  result.statistics = {
      {&metric::delay_p50, Direction::forward, "", 0.0131, {0.0130, 0.0132}, Basis::sampling_and_clock, ""},
      {&metric::delay_p99, Direction::forward, "", {}, {}, Basis::none, "too few packets"},
      {&metric::loss_ratio, Direction::forward, "", 0.1, {0.02, 0.4}, Basis::sampling, ""}};
  DirectionResult forward{Direction::forward, {.sent = 3, .received = 2, .lost = 1}, {}, {}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    PacketRecord packet{
        i, begin + i * std::chrono::milliseconds(100), begin + i * std::chrono::milliseconds(100), {}, 60};
    if (i != 1) packet.received = packet.sent + std::chrono::milliseconds(13);
    forward.packets.push_back(packet);
  }
  const std::int64_t delays[] = {13'000'000, 13'100'000};
  forward.histogram = DelayHistogram::of(delays, {}).encode();
  result.directions = {forward};
  result.health.slip_p99 = std::chrono::microseconds(80);
  result.parameters = {{"count", "20"}};
  result.log = {{begin, LogLevel::info, "echo: session begins"}};
  return result;
}

}  // namespace sonde::test
