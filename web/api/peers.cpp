#include <algorithm>

#include "core/access/secret.h"
#include "core/config/rules.h"
#include "core/config/text_rules.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/path_view.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

HttpResponse unknown() { return problem(404, "id", "There is no such peer."); }

void write_peer(JsonWriter& out, const Peer& peer, const Config& config) {
  const auto tests = std::ranges::count(config.tests, peer.id, &TestSpec::peer);
  out.begin_object().field("id", peer.id).field("name", peer.name).field("address", peer.address);
  out.field("domain", domain_of(peer)).field("tests", tests).end_object();
}

HttpResponse peer_reply(const Snapshot& now, const std::string& id, int status = 200) {
  const Peer* peer = now.config->peer(id);
  if (!peer) return unknown();
  JsonWriter out;
  write_peer(out, *peer, *now.config);
  return with_etag(json_reply(std::move(out), status), now.config_revision);
}

HttpResponse list_peers(Call& call) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const Peer& peer : call.now->config->peers) write_peer(out, peer, *call.now->config);
  out.end_array().end_object();
  return with_etag(json_reply(std::move(out)), call.now->config_revision);
}

HttpResponse get_peer(Call& call) { return peer_reply(*call.now, call.id()); }

std::optional<Problem> read_peer(const Json& body, Peer& peer) {
  Fields in(body);
  peer.name = in.text("name");
  peer.address = in.needed_text("address");
  return in.finish();
}

HttpResponse add_peer(Call& call) {
  Peer peer;
  if (auto wrong = read_peer(call.body, peer)) return problem(*wrong);
  peer.id = "p" + random_hex(5);
  auto refusal = apply(call, "peers", std::nullopt, [peer](Config& config) -> std::optional<Problem> {
    config.peers.push_back(peer);
    return std::nullopt;
  });
  if (refusal) return *refusal;
  return peer_reply(*call.node().snapshot(), peer.id, 201);
}

HttpResponse change_peer(Call& call) {
  Peer peer{.id = call.id()};
  if (!call.now->config->peer(peer.id)) return unknown();
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  if (auto wrong = read_peer(call.body, peer)) return problem(*wrong);
  auto refusal = apply(call, "peers", condition.revision, [peer](Config& config) -> std::optional<Problem> {
    const auto found = std::ranges::find(config.peers, peer.id, &Peer::id);
    if (found == config.peers.end()) return Problem{404, "id", "There is no such peer any more."};
    *found = peer;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  return peer_reply(*call.node().snapshot(), peer.id);
}

HttpResponse delete_peer(Call& call) {
  const std::string id = call.id();
  if (!call.now->config->peer(id)) return unknown();
  auto refusal = apply(call, "peers", std::nullopt, [id](Config& config) -> std::optional<Problem> {
    const auto tests = std::ranges::count(config.tests, id, &TestSpec::peer);
    if (tests > 0)
      return Problem{409, "id",
                     std::to_string(tests) + (tests == 1 ? " test has" : " tests have") +
                         " it as far end; delete them first, with their results."};
    if (std::erase_if(config.peers, [&](const Peer& peer) { return peer.id == id; }) == 0)
      return Problem{404, "id", "There is no such peer any more."};
    return std::nullopt;
  });
  return refusal ? *refusal : no_content();
}

void write_check(JsonWriter& out, const PeerCheck& check) {
  out.begin_object().field("address", check.address).key("resolved").begin_array();
  for (const IpAddress& address : check.resolved) out.value(address.text());
  out.end_array().key("answers").begin_array();
  for (const Answer& answer : check.answers) {
    out.begin_object().field("service", answer.service).field("answers", answer.answers);
    out.field("sentence", answer.sentence).field("round_trip_s", seconds_of(answer.round_trip)).end_object();
  }
  out.end_array().field("sentence", check.sentence).end_object();
}

HttpResponse check_peer(Call& call) {
  Fields in(call.body);
  const std::string address = in.needed_text("address");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (auto sentence = check_host("address", address); !sentence.empty()) return problem(422, "address", sentence);
  auto future = call.node().check_peer(address);
  if (future.wait_for(std::chrono::seconds(12)) != std::future_status::ready)
    return problem(503, "", "The node did not finish asking " + address + "; try again.");
  JsonWriter out;
  write_check(out, future.get());
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/peers", Needs::viewer, list_peers},
    {"POST", "/peers", Needs::operator_, add_peer, Route::Body::json},
    {"POST", "/peers/check", Needs::operator_, check_peer, Route::Body::json},
    {"GET", "/peers/{id}", Needs::viewer, get_peer},
    {"PUT", "/peers/{id}", Needs::operator_, change_peer, Route::Body::json},
    {"DELETE", "/peers/{id}", Needs::operator_, delete_peer},
};

}  // namespace

std::span<const Route> peer_routes() { return kRoutes; }

}  // namespace sonde::web
