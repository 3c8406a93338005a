#include "appliance/live_node.h"

#include <algorithm>

#include "appliance/disk_rule.h"
#include "appliance/kept.h"
#include "appliance/peer_check.h"
#include "appliance/suggested_tests.h"
#include "appliance/version.h"
#include "core/base/error.h"
#include "core/base/identifier.h"
#include "core/config/rules.h"
#include "core/net/linux_network.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 1s;

Problem stopping() { return {503, "", "The node is stopping; try again when it runs."}; }

}  // namespace

LiveNode::LiveNode(Parts parts)
    : parts_(std::move(parts)),
      random_(system_random()),
      resolver_(system_resolver()),
      network_(std::make_unique<LinuxNetwork>(*parts_.clock)) {
  started_ = parts_.clock->utc_now();
  source_ = parts_.loaded.source;
  hop_labels_ = std::make_unique<HopLabels>(*parts_.clock, parts_.log.with("part", "routes"), parts_.as_table);
  keeper_ = std::make_unique<ConfigKeeper>(
      *parts_.tasks, files_, parts_.loaded.config,
      ConfigKeeper::Hooks{
          .check = [this](const Config& config) { return check(config); },
          .write = [this](const Config& config) { parts_.store->save(config, parts_.clock->utc_now()); },
          .running = [this](std::shared_ptr<const Config> config) { take(std::move(config)); }});
  if (!parts_.loaded.editable) keeper_->lock(parts_.loaded.sentence);
  engine_ = std::make_unique<Engine>(
      Engine::Parts{.catalogue = parts_.catalogue,
                    .clock = parts_.clock,
                    .tasks = parts_.tasks,
                    .archive = parts_.archive,
                    .resolver = resolver_.get(),
                    .random = random_.get(),
                    .seats = parts_.seats,
                    .log = parts_.log.with("part", "engine"),
                    .port_offset = parts_.port_offset,
                    .vouch = [this](ClockQuality quality) { vouch(std::move(quality)); },
                    .live = [this](std::shared_ptr<const Result> result) { state_.note_live(std::move(result)); },
                    .moved = [this](const std::string& test) { peer_moved(test); }});
  fitness_ = std::make_unique<FitnessKeeper>(FitnessKeeper::Parts{
      .read = [this] { return look_at_host(); },
      .clock = parts_.clock,
      .log = parts_.log.with("part", "fitness"),
      .mend = parts_.host ? MendRow([host = parts_.host](std::string_view row) { return host->mend(row); }) : MendRow(),
      .renewed = [this] { parts_.tasks->post([this] { publish(); }); },
      .after = [this](std::function<void()> run) { parts_.tasks->post(std::move(run)); }});
  if (parts_.host) parts_.host->record_with([this](const std::string& sentence) { record_change(sentence); });
  parts_.archive->on_stored([this](std::shared_ptr<const Result> result) { state_.note(std::move(result)); });
  parts_.tasks->on_clock_step([this](Duration step) { clock_stepped(step); });
}

LiveNode::~LiveNode() = default;

std::shared_ptr<const Limits> LiveNode::limits() const {
  const std::lock_guard lock(limits_mutex_);
  return limits_;
}

/// Of the machine underneath; from any thread.
void LiveNode::record_change(const std::string& sentence) {
  parts_.tasks->post([this, sentence] {
    const UtcTime now = parts_.clock->utc_now();
    parts_.archive->store_event({make_id(now, *random_), now, "machine", {}, sentence});
  });
}

void LiveNode::start() {
  for (const TestSpec& test : keeper_->current()->tests) {
    const auto newest = parts_.archive->results({.test = test.id, .limit = 1});
    if (!newest.empty()) state_.note(newest.front());
  }
  const UtcTime now = parts_.clock->utc_now();
  const Event started{
      make_id(now, *random_), now, "node_start", {}, "Sonde " + std::string(version()) + " was started."};
  parts_.archive->store_event(started);
  take(keeper_->current());
  tick();
}

void LiveNode::stop() {
  stopping_ = true;
  engine_->apply(std::make_shared<const Config>());
}

void LiveNode::take(std::shared_ptr<const Config> config) {
  parts_.archive->set_disk_limit(config->settings.disk_limit_octets);
  if (parts_.host) parts_.host->running(config);
  engine_->apply(std::move(config));
  publish();
}

std::optional<Problem> LiveNode::check(const Config& config) const {
  if (const auto broken = sonde::check(config, parts_.catalogue)) return Problem{422, broken->field, broken->sentence};
  return refuse_beyond_disk(*keeper_->current(), config, parts_.catalogue, parts_.archive->state().limit_octets);
}

void LiveNode::tick() {
  if (stopping_) return;
  publish();
  if (++ticks_ % 2 == 0) files_.post([this] { look_at_file(); });
  parts_.tasks->at(parts_.clock->steady_now() + kTick, [this] { tick(); });
}

/// On the file worker: somebody may have edited the file by hand.
void LiveNode::look_at_file() {
  if (!parts_.store->changed()) return;
  ConfigStore::State state = parts_.store->load(parts_.clock->utc_now());
  parts_.tasks->post([this, state = std::move(state)] {
    source_ = state.source;
    keeper_->lock(state.sentence);
    if (!state.editable) {
      parts_.log.error("the configuration file is not valid", {{"why", state.sentence}});
      return publish();
    }
    parts_.log.info("the configuration file was edited: taking it over");
    keeper_->adopt([config = state.config, this](const Config& running) {
      Config next = config;
      carry_revisions(running, next, parts_.catalogue);
      return next;
    });
  });
}

void LiveNode::clock_stepped(Duration step) {
  parts_.archive->clock_stepped(step, parts_.clock->quality().believed);
  engine_->clock_stepped(step);
}

/// Any loop's thread. A clock that is far ahead of all that is stored is believed only when somebody vouches for it.
void LiveNode::vouch(ClockQuality quality) {
  quality.believed = quality.synchronised || !parts_.archive->state().clock_ahead;
  if (!quality.believed) {
    quality.bound.reset();
    quality.source = "nobody: the clock is more than a year ahead of all that was measured before";
  }
  parts_.clock->vouch(std::move(quality));
}

/// The name of its peer stands for another address now: a path of its own, with files of its own.
void LiveNode::peer_moved(const std::string& test) {
  keeper_->change(
      [test](Config& config) -> std::optional<Problem> {
        const auto found = std::ranges::find(config.tests, test, &TestSpec::id);
        if (found != config.tests.end()) ++found->revision;
        return std::nullopt;
      },
      std::nullopt, [](std::optional<Problem>) {});
}

NodeHealth LiveNode::health() {
  NodeHealth health;
  const ProcessUse use = process_use();
  const SteadyTime now = parts_.clock->steady_now();
  health.resident_octets = use.resident_octets;
  if (last_use_at_ != SteadyTime{} && now > last_use_at_)
    health.cpu_share = (use.cpu_seconds - last_use_.cpu_seconds) / to_seconds(now - last_use_at_);
  last_use_ = use;
  last_use_at_ = now;
  for (const LoopSeat& seat : parts_.seats) {
    const LoopHealth loop = seat.loop->health();
    if (loop.deadlines > 0) health.slip_p99 = std::max(health.slip_p99.value_or(Duration::zero()), loop.slip_p99);
  }
  health.interfaces = network_->interfaces();
  return health;
}

/// On the keeper's thread.
HostFacts LiveNode::look_at_host() const {
  HostFacts facts = read_host(real_host(parts_.data_folder), parts_.clock->steady_now());
  facts.clock.quality = parts_.clock->quality();
  facts.clock.steps = parts_.clock->anchor().epoch;
  facts.appliance = parts_.host != nullptr;
  return facts;
}

void LiveNode::publish() {
  auto made = std::make_shared<Snapshot>();
  made->made = parts_.clock->utc_now();
  made->started = started_;
  made->version = version();
  made->config = keeper_->current();
  if (!made->config->set_up && parts_.offer_tests) made->first_tests = suggested_tests();
  made->config_revision = keeper_->revision();
  made->config_editable = keeper_->lock_sentence().empty();
  made->config_sentence = keeper_->lock_sentence();
  made->replaced = parts_.replaced;
  made->clock = parts_.clock->quality();
  made->clock_steps = parts_.clock->anchor().epoch;
  made->fitness = fitness_->newest();
  made->can_mend = fitness_->can_mend();
  if (parts_.host) made->machine = parts_.host->newest();
  made->health = health();
  made->runs = engine_->scheduler().runs();
  made->next_due = engine_->scheduler().next_due();
  made->leases = engine_->slot().leases();
  made->latest = state_.latest();
  if (const auto clock = made->latest.find("self-clock"); clock != made->latest.end())
    for (const Statistic& s : clock->second->statistics)
      if (s.metric->key == "clock.offset") made->health.clock_offset = s.value;
  made->ports = port_table(*made->config, ports_(), made->machine.get());
  {
    auto limits = std::make_shared<const Limits>(*made->config, source_, on_link_networks(made->health.interfaces));
    const std::lock_guard lock(limits_mutex_);
    limits_ = std::move(limits);
  }
  made->archive = parts_.archive->state();
  made->archive.budgeted_octets = disk_bound(*made->config, parts_.catalogue);
  if (parts_.host) made->host_trouble = parts_.host->trouble();
  state_.publish(std::move(made));
}

std::future<std::optional<Problem>> LiveNode::change(Edit edit, std::optional<std::uint64_t> if_revision) {
  auto kept = std::make_shared<Kept<std::optional<Problem>>>(stopping());
  auto future = kept->future();
  parts_.tasks->post([this, edit = std::move(edit), if_revision, kept] {
    if (stopping_) return kept->set(stopping());
    auto with_revisions = [this, edit](Config& config) -> std::optional<Problem> {
      const Config before = config;
      if (auto problem = edit(config)) return problem;
      carry_revisions(before, config, parts_.catalogue);
      return std::nullopt;
    };
    keeper_->change(std::move(with_revisions), if_revision,
                    [kept](std::optional<Problem> problem) { kept->set(std::move(problem)); });
  });
  return future;
}

std::future<Node::Queued> LiveNode::run_now(const std::string& test, const std::string& requester) {
  auto kept = std::make_shared<Kept<Queued>>(Queued{stopping(), {}});
  auto future = kept->future();
  parts_.tasks->post([this, test, requester, kept] {
    if (stopping_) return kept->set({stopping(), {}});
    RunView run = engine_->scheduler().run_now(test, requester);
    publish();
    if (run.state == RunState::refused) {
      const int status = keeper_->current()->test(test) == nullptr ? 404 : 409;
      return kept->set({Problem{status, "", run.sentence}, run});
    }
    kept->set({std::nullopt, std::move(run)});
  });
  return future;
}

std::future<std::optional<Problem>> LiveNode::stop_run(const std::string& run) {
  auto kept = std::make_shared<Kept<std::optional<Problem>>>(stopping());
  auto future = kept->future();
  parts_.tasks->post([this, run, kept] {
    const bool found = engine_->scheduler().stop(run);
    publish();
    kept->set(found ? std::nullopt
                    : std::optional(Problem{404, "", "No such run waits or runs; it may have ended already."}));
  });
  return future;
}

bool LiveNode::has_route(const IpAddress& to) const {
  try {
    return network_->source_for(to).has_value();
  } catch (const Error&) {
    return false;  // a host without IPv6 at all
  }
}

std::future<PeerCheck> LiveNode::check_peer(const std::string& address) {
  PeerCheck lost{.address = address, .sentence = stopping().sentence};
  auto kept = std::make_shared<Kept<PeerCheck>>(lost);
  auto future = kept->future();
  const auto begin = [this, address, kept](Resolution v4, Resolution v6) {
    PeerCheck check{.address = address};
    for (const auto* one : {&v4, &v6})
      check.resolved.insert(check.resolved.end(), one->addresses.begin(), one->addresses.end());
    if (check.resolved.empty()) {
      check.sentence = "The name " + address + " has no address: " + v4.error +
                       ". Check its spelling, or whether this node's name server knows it.";
      return kept->set(std::move(check));
    }
    // Where this host has a route for one family only, that one is asked.
    std::ranges::stable_partition(check.resolved, [this](const IpAddress& to) { return has_route(to); });
    const LoopSeat seat = parts_.seats.front();
    seat.loop->post([check, kept, seat, offset = parts_.port_offset, cookie = random_->next() | 1] {
      seat.loop->start(
          make_peer_check(check.resolved.front(), offset, cookie, [check, kept](std::vector<Answer> answers) {
            PeerCheck whole = check;
            const auto count = std::ranges::count_if(answers, &Answer::answers);
            whole.answers = std::move(answers);
            whole.sentence =
                whole.resolved.front().text() +
                (count == 0 ? " answers nothing we asked." : " answers " + std::to_string(count) + " of 4.");
            kept->set(std::move(whole));
          }));
    });
  };
  parts_.tasks->post([this, address, begin] {
    resolver_->resolve(address, Family::v4, [this, address, begin](Resolution v4) {
      resolver_->resolve(address, Family::v6,
                         [this, begin, v4](Resolution v6) { parts_.tasks->post([begin, v4, v6] { begin(v4, v6); }); });
    });
  });
  return future;
}

std::future<std::optional<Problem>> LiveNode::delete_test(const std::string& test) {
  auto kept = std::make_shared<Kept<std::optional<Problem>>>(stopping());
  auto future = kept->future();
  parts_.tasks->post([this, test, kept] {
    keeper_->change(
        [test](Config& config) -> std::optional<Problem> {
          if (std::erase_if(config.tests, [&](const TestSpec& spec) { return spec.id == test; }) == 0)
            return Problem{404, "", "There is no such test any more."};
          return std::nullopt;
        },
        std::nullopt,
        [this, test, kept](std::optional<Problem> problem) {
          if (problem) return kept->set(std::move(problem));
          files_.post([this, test] {
            parts_.archive->delete_test(test);
            state_.forget(test);
          });
          kept->set(std::nullopt);
        });
  });
  return future;
}

DiskBudget LiveNode::budget(const TestSpec& spec) const { return disk_budget_of(spec, parts_.catalogue); }

}  // namespace sonde
