#include <algorithm>

#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/snapshot_json.h"

namespace sonde::web {
namespace {

HttpResponse list_runs(Call& call) {
  static constexpr std::string_view kStates[] = {"queued", "running", "done", "failed", "skipped", "refused"};
  Query query(call.request);
  const std::string test = query.text("test"), state = query.word("state", kStates, "");
  const std::int64_t limit = query.whole("limit", 1, 1000, 100);
  if (auto wrong = query.finish()) return problem(*wrong);
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  std::int64_t written = 0;
  for (const RunView& run : call.now->runs) {
    if (written >= limit || (!test.empty() && run.test != test) || (!state.empty() && to_string(run.state) != state))
      continue;
    write_run(out, run);
    ++written;
  }
  out.end_array().end_object();
  return json_reply(std::move(out));
}

HttpResponse get_run(Call& call) {
  const auto run = std::ranges::find(call.now->runs, call.id(), &RunView::id);
  if (run == call.now->runs.end())
    return problem(404, "id", "There is no such run among those that wait, run, or ended last; look for its result.");
  JsonWriter out;
  write_run(out, *run);
  return json_reply(std::move(out));
}

HttpResponse stop_run(Call& call) {
  if (auto refusal = refusal_of(call.node().stop_run(call.id()))) return *refusal;
  return no_content();
}

constexpr Route kRoutes[] = {
    {"GET", "/runs", Needs::viewer, list_runs},
    {"GET", "/runs/{id}", Needs::viewer, get_run},
    {"POST", "/runs/{id}/stop", Needs::operator_, stop_run},
};

}  // namespace

std::span<const Route> run_routes() { return kRoutes; }

}  // namespace sonde::web
