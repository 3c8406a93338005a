#include "web/api/snapshot_json.h"

#include <algorithm>

#include "web/api/machine_json.h"
#include "web/api/reply.h"

namespace sonde::web {

void write_run(JsonWriter& out, const RunView& run) {
  out.begin_object().field("id", run.id).field("test", run.test).field("title", run.title).field("probe", run.probe);
  out.field("requester", run.requester).field("state", to_string(run.state));
  time_field(out, "planned", run.planned);
  time_field(out, "begin", run.begin);
  time_field(out, "end", run.end);
  out.field("sentence", run.sentence);
  const bool known = run.state == RunState::running && run.progress >= 0;
  out.field("progress", known ? std::optional(run.progress) : std::nullopt).field("phase", run.phase);
  out.field("queue_position", run.queue_position);
  time_field(out, "expected_start", run.expected_start);
  out.field("heavy", run.heavy).field("retries", run.retries);
  out.end_object();
}

std::vector<std::string> problems_of(const Snapshot& now, bool sees_all) {
  std::vector<std::string> problems;
  if (!now.archive.storing) problems.push_back(now.archive.sentence);
  if (sees_all && !now.config_editable) problems.push_back(now.config_sentence);
  if (sees_all) problems.insert(problems.end(), now.replaced.begin(), now.replaced.end());
  if (!now.host_trouble.empty()) problems.push_back(now.host_trouble);
  if (!now.clock.believed)
    problems.push_back("This node's clock is not believed (" + now.clock.source +
                       "): results are marked as in doubt until it is set.");
  if (now.archive.overflowed > 0)
    problems.push_back(std::to_string(now.archive.overflowed) +
                       " results were measured but not stored because the disk was too slow.");
  return problems;
}

std::string snapshot_event_json(const Snapshot& now, bool sees_all) {
  JsonWriter out;
  out.begin_object();
  time_field(out, "made", now.made);
  out.field("config_revision", now.config_revision).field("config_editable", now.config_editable);
  out.field("config_sentence", sees_all ? now.config_sentence : "");
  clock_field(out, "clock", now.clock);
  out.field("clock_offset_s", now.health.clock_offset).key("runs").begin_array();
  for (const RunView& run : now.runs)
    if (sees_all && !ended(run.state)) write_run(out, run);
  out.end_array().key("next_runs").begin_array();
  std::vector<std::pair<UtcTime, std::string>> next;
  for (const auto& [test, time] : now.next_due) next.emplace_back(time, test);
  std::ranges::sort(next);
  for (std::size_t i = 0; sees_all && i < std::min<std::size_t>(5, next.size()); ++i)
    out.begin_object().field("test", next[i].second).field("time", format_utc(next[i].first)).end_object();
  out.end_array().field("storing", now.archive.storing).field("storing_sentence", now.archive.sentence);
  out.key("problems").begin_array();
  for (const std::string& problem : problems_of(now, sees_all)) out.value(problem);
  out.end_array().key("machine");
  write_data_place(out, sees_all ? now.machine.get() : nullptr);
  out.end_object();
  return out.take();
}

}  // namespace sonde::web
