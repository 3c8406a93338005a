#include "web/api/timeline_view.h"

#include <algorithm>
#include <set>

#include "core/config/rules.h"
#include "core/run/day_plan.h"

namespace sonde::web {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLateStart = 5s;
constexpr std::size_t kMostTestsRead = 200, kResultsOfTest = 500;

Duration slot_time(std::span<const ProbeType* const> probes, const TestSpec& spec) {
  const ProbeType* type = find_probe(probes, spec.probe);
  if (!type || type->footprint != Footprint::saturating || !type->cost) return {};
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(type->cost(spec).slot_seconds));
}

/// Where a run stands on the line of time.
UtcTime place_of(const RunView& run) { return run.begin != UtcTime{} ? run.begin : run.planned; }

bool touches(const RunView& run, TimeRange range) {
  const UtcTime end = !ended(run.state) ? UtcTime::max() : run.end;
  return place_of(run) < range.end && end >= range.begin;
}

/// Light runs of a schedule do not say what they were planned for: it is the period's multiple that lies before them
/// within their spread. Zero where none does.
UtcTime planned_of(const Result& result, const TestSpec& spec) {
  if (result.outcome == Outcome::skipped || result.outcome == Outcome::refused) return result.begin;
  if (spec.schedule.kind != Schedule::Kind::every || result.parameters.contains("requester")) return {};
  const UtcTime due = align_down(result.begin, spec.schedule.period);
  return result.begin - due <= spec.schedule.spread + kLateStart ? due : UtcTime{};
}

RunView view_of(const Result& result, const TestSpec& spec, bool heavy) {
  const auto parameter = [&](const char* name) {
    const auto found = result.parameters.find(name);
    return found == result.parameters.end() ? std::string() : found->second;
  };
  RunView run;
  run.id = result.run;
  run.test = result.test;
  run.title = spec.title;
  run.probe = result.probe;
  run.requester = parameter("requester");
  if (run.requester.empty()) run.requester = "schedule";
  run.state = state_of(result.outcome);
  run.planned = parse_utc(parameter("planned")).value_or(planned_of(result, spec));
  run.begin = result.outcome == Outcome::skipped || result.outcome == Outcome::refused ? UtcTime{} : result.begin;
  run.end = result.end;
  run.sentence = result.sentence.empty() ? "Done." : result.sentence;
  run.heavy = heavy;
  return run;
}

class Builder {
 public:
  Builder(const Snapshot& now, const Archive& archive, std::span<const ProbeType* const> probes, TimeRange range,
          bool self_checks)
      : now_(now), archive_(archive), probes_(probes) {
    line_.range = range;
    for (const TestSpec& spec : now.config->tests) {
      const ProbeType* type = find_probe(probes, spec.probe);
      if (spec.self_check && !self_checks)
        unwanted_.insert(spec.id);
      else if (spec.self_check)
        own_.push_back(&spec);
      else
        (type && type->footprint == Footprint::saturating ? heavy_ : light_).push_back(&spec);
    }
  }

  Timeline build() {
    from_memory();
    if (line_.range.begin < now_.made) {
      for (const TestSpec* spec : heavy_) from_archive(*spec, true);
      for (const TestSpec* spec : light_) from_archive(*spec, false);
      for (const TestSpec* spec : own_) from_archive(*spec, false);
    }
    to_come();
    pauses();
    std::ranges::stable_sort(line_.blocks, {}, [](const TimelineBlock& block) { return place_of(block.run); });
    return std::move(line_);
  }

 private:
  void from_memory() {
    for (const RunView& run : now_.runs) {
      if (!touches(run, line_.range) || unwanted_.contains(run.test)) continue;
      TimelineBlock block{run, false, {}};
      const TestSpec* spec = now_.config->test(run.test);
      if (run.state == RunState::running && run.heavy && spec) block.until = run.begin + slot_time(probes_, *spec);
      line_.blocks.push_back(std::move(block));
      seen_.insert(run.id);
    }
  }

  /// Steps of continuous tests are no runs.
  void from_archive(const TestSpec& spec, bool heavy) {
    if (spec.schedule.kind == Schedule::Kind::continuous) return;
    if (tests_read_++ >= kMostTestsRead || line_.blocks.size() >= kMostBlocks) {
      ++line_.tests_not_read;
      return;
    }
    for (const auto& result : archive_.results({.test = spec.id, .range = line_.range, .limit = kResultsOfTest})) {
      if (!seen_.insert(result->run).second) continue;
      if (line_.blocks.size() < kMostBlocks)
        line_.blocks.push_back({view_of(*result, spec, heavy), false, {}});
      else
        ++line_.runs_left_out;
    }
  }

  void to_come() {
    const TimeRange ahead{std::max(line_.range.begin, now_.made), line_.range.end};
    if (ahead.begin >= ahead.end) return;
    std::size_t room = kMostBlocks;
    for (const auto* tests : {&heavy_, &light_, &own_}) {
      const DayPlan plan = plan_ahead(
          *tests, now_.next_due, now_.config->pauses, [this](const TestSpec& spec) { return slot_time(probes_, spec); },
          ahead, room);
      for (const PlannedRun& run : plan.runs) add(run, tests == &heavy_);
      room -= plan.runs.size();
      line_.runs_left_out += plan.left_out;
    }
  }

  void add(const PlannedRun& planned, bool heavy) {
    TimelineBlock block;
    block.planned = true;
    block.run.test = planned.test->id;
    block.run.title = planned.test->title;
    block.run.probe = planned.test->probe;
    block.run.requester = "schedule";
    block.run.planned = planned.due;
    block.run.heavy = heavy;
    if (planned.pause)
      block.run.sentence = "It will be skipped: nobody measures from " + describe(*planned.pause) + ".";
    if (planned.length > Duration::zero()) block.until = planned.due + planned.length;
    line_.blocks.push_back(std::move(block));
  }

  void pauses() {
    for (const PauseWindow& pause : now_.config->pauses)
      for (UtcTime day = align_down(line_.range.begin, 24h) - 24h; day < line_.range.end; day += 24h)
        if (const auto stretch = stretch_at(pause, day + pause.begin); stretch && stretch->begin < line_.range.end &&
                                                                       stretch->end > line_.range.begin &&
                                                                       stretch->begin == day + pause.begin)
          line_.pauses.emplace_back(*stretch, "Nobody measures from " + describe(pause) + ".");
  }

  const Snapshot& now_;
  const Archive& archive_;
  std::span<const ProbeType* const> probes_;
  Timeline line_;
  std::vector<const TestSpec*> heavy_, light_, own_;  // own_: light ones about this node itself
  std::set<std::string> unwanted_;                    // test ids
  std::set<std::string> seen_;                        // run ids
  std::size_t tests_read_ = 0;
};

}  // namespace

Timeline timeline_of(const Snapshot& now, const Archive& archive, std::span<const ProbeType* const> probes,
                     TimeRange range, bool self_checks) {
  return Builder(now, archive, probes, range, self_checks).build();
}

}  // namespace sonde::web
