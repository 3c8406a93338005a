#include <algorithm>

#include "core/access/secret.h"
#include "core/config/test_rules.h"
#include "web/api/api.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/path_view.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/snapshot_json.h"
#include "web/api/test_json.h"

namespace sonde::web {
namespace {

HttpResponse unknown() { return problem(404, "id", "There is no such test."); }

void write_last(JsonWriter& out, const Call& call, const TestSpec& spec) {
  out.key("last");
  const auto found = call.now->latest.find(spec.id);
  if (found == call.now->latest.end() || !found->second) {
    out.null();
    return;
  }
  const Result& result = *found->second;
  out.begin_object().field("id", result.id).field("end", format_utc(result.end));
  out.field("outcome", to_string(result.outcome)).field("sentence", result.sentence);
  out.field("state", to_string(test_state(*call.parts.judge, *call.now, spec))).end_object();
}

void write_spec(JsonWriter& out, const TestSpec& spec) {
  out.field("id", spec.id).field("revision", spec.revision).field("title", spec.title).field("probe", spec.probe);
  out.field("peer", spec.peer).field("family", to_string(spec.family)).field("source", spec.source);
  out.field("dscp", spec.type_p.dscp).field("payload_bytes", spec.type_p.payload_octets).key("schedule");
  write_schedule(out, spec.schedule);
  out.key("options").begin_object();
  for (const auto& [name, value] : spec.options) out.field(name, value);
  out.end_object().field("paused", spec.paused).field("self_check", spec.self_check);
}

void write_test(JsonWriter& out, const Call& call, const TestSpec& spec) {
  const Config& config = *call.now->config;
  const Peer* peer = config.peer(spec.peer);
  out.begin_object();
  write_spec(out, spec);
  out.field("peer_name", !peer ? "" : peer->name.empty() ? peer->address : peer->name).field("path", path_id(spec));
  out.field("sentence", test_sentence(call.node(), config, spec)).key("cost");
  write_cost(out, call.node(), spec);
  const auto due = call.now->next_due.find(spec.id);
  time_field(out, "next_run", due == call.now->next_due.end() ? UtcTime{} : due->second);
  write_last(out, call, spec);
  out.key("revisions").begin_array();
  for (const std::uint32_t revision : call.node().archive().revisions(spec.id)) out.value(revision);
  out.end_array().end_object();
}

HttpResponse test_reply(Call& call, const std::string& id, int status = 200) {
  call.now = call.node().snapshot();
  const TestSpec* spec = call.now->config->test(id);
  if (!spec) return unknown();
  JsonWriter out;
  write_test(out, call, *spec);
  return with_etag(json_reply(std::move(out), status), call.now->config_revision);
}

HttpResponse list_tests(Call& call) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const TestSpec& spec : call.now->config->tests) write_test(out, call, spec);
  out.end_array().end_object();
  return with_etag(json_reply(std::move(out)), call.now->config_revision);
}

HttpResponse get_test(Call& call) { return test_reply(call, call.id()); }

HttpResponse add_test(Call& call) {
  TestSpec spec;
  if (auto wrong = read_test(call.body, call.node(), spec)) return problem(*wrong);
  spec.id = "t" + random_hex(5);
  auto refusal = apply(call, "tests", std::nullopt, [spec](Config& config) -> std::optional<Problem> {
    config.tests.push_back(spec);
    return std::nullopt;
  });
  return refusal ? *refusal : test_reply(call, spec.id, 201);
}

/// Changes one test in place.
std::optional<HttpResponse> edit_test(Call& call, std::optional<std::uint64_t> revision,
                                      std::function<std::optional<Problem>(TestSpec&)> edit) {
  return apply(call, "tests", revision,
               [id = call.id(), edit = std::move(edit)](Config& config) -> std::optional<Problem> {
                 const auto found = std::ranges::find(config.tests, id, &TestSpec::id);
                 if (found == config.tests.end()) return Problem{404, "id", "There is no such test any more."};
                 return edit(*found);
               });
}

HttpResponse change_test(Call& call) {
  const TestSpec* present = call.now->config->test(call.id());
  if (!present) return unknown();
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  TestSpec spec = *present;
  if (auto wrong = read_test(call.body, call.node(), spec)) return problem(*wrong);
  if (spec.probe != present->probe)
    return problem(422, "probe",
                   "probe \"" + spec.probe + "\": allowed is " + present->probe +
                       ", because a test keeps its kind; add another test instead.");
  auto refusal = edit_test(call, condition.revision, [spec](TestSpec& stored) -> std::optional<Problem> {
    stored = spec;
    return std::nullopt;
  });
  return refusal ? *refusal : test_reply(call, call.id());
}

HttpResponse set_paused(Call& call, bool paused) {
  if (!call.now->config->test(call.id())) return unknown();
  auto refusal = edit_test(call, std::nullopt, [paused](TestSpec& spec) -> std::optional<Problem> {
    spec.paused = paused;
    return std::nullopt;
  });
  return refusal ? *refusal : test_reply(call, call.id());
}

HttpResponse pause_test(Call& call) { return set_paused(call, true); }
HttpResponse resume_test(Call& call) { return set_paused(call, false); }

HttpResponse delete_test(Call& call) {
  const TestSpec* spec = call.now->config->test(call.id());
  if (!spec) return unknown();
  if (spec->self_check)
    return problem(409, "id", "This test is the node's check of itself; it can be paused, not deleted.");
  if (auto refusal = refusal_of(call.node().delete_test(spec->id))) return *refusal;
  return no_content();
}

HttpResponse run_test(Call& call) {
  if (!call.now->config->test(call.id())) return unknown();
  const std::string requester = call.request.is_local_socket ? "command line" : "web: " + call.who->user;
  auto future = call.node().run_now(call.id(), requester);
  if (future.wait_for(std::chrono::seconds(12)) != std::future_status::ready)
    return problem(503, "", "The node did not take the order in time; look at the runs before trying again.");
  const Node::Queued queued = future.get();
  if (queued.problem) return problem(*queued.problem);
  if (queued.run.state == RunState::refused) return problem(409, "id", queued.run.sentence);
  JsonWriter out;
  write_run(out, queued.run);
  return json_reply(std::move(out), 202);
}

HttpResponse cost_of_draft(Call& call) {
  Query query(call.request);
  TestSpec spec;
  spec.id = query.text("test");
  if (spec.id.empty()) spec.id = "draft";
  if (auto wrong = query.finish()) return problem(*wrong);
  if (auto wrong = read_test(call.body, call.node(), spec)) return problem(*wrong);
  // a form that is still being filled in has no peer yet: any other rule holds
  const Peer nobody{"draft", "", "draft.invalid"};
  const Peer* peer = call.now->config->peer(spec.peer);
  if (auto wrong = check_test(spec, spec.peer.empty() ? &nobody : peer, call.node().probes()))
    return problem(422, wrong->field, wrong->sentence);
  JsonWriter out;
  write_cost(out, call.node(), spec);
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/tests", Needs::viewer, list_tests},
    {"POST", "/tests", Needs::operator_, add_test, Route::Body::json},
    {"POST", "/tests/cost", Needs::viewer, cost_of_draft, Route::Body::json},
    {"GET", "/tests/{id}", Needs::viewer, get_test},
    {"PUT", "/tests/{id}", Needs::operator_, change_test, Route::Body::json},
    {"DELETE", "/tests/{id}", Needs::operator_, delete_test},
    {"POST", "/tests/{id}/run", Needs::operator_, run_test},
    {"POST", "/tests/{id}/pause", Needs::operator_, pause_test},
    {"POST", "/tests/{id}/resume", Needs::operator_, resume_test},
};

}  // namespace

std::span<const Route> test_routes() { return kRoutes; }

}  // namespace sonde::web
