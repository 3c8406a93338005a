#include <openssl/crypto.h>
#include <sys/utsname.h>

#include <algorithm>

#include "web/api/check_json.h"
#include "web/api/fields.h"
#include "web/api/machine_json.h"
#include "web/api/node_json.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/site_json.h"
#include "web/api/snapshot_json.h"

namespace sonde::web {
namespace {

void write_self_check(JsonWriter& out, const Snapshot& now) {
  std::string state = "unknown", sentence = "This node has not checked itself yet.";
  std::vector<std::string> tests;
  for (const TestSpec& spec : now.config->tests) {
    if (!spec.self_check) continue;
    tests.push_back(spec.id);
    const auto found = now.latest.find(spec.id);
    if (found == now.latest.end() || !found->second || state == "bad") continue;
    const bool good = found->second->outcome == Outcome::done;
    state = good ? "good" : "bad";
    sentence = good ? "Packets to this node itself come back as they should."
                    : "The check of this node by itself failed: " + found->second->sentence;
  }
  out.key("self_check").begin_object().field("sentence", sentence).field("state", state).key("tests").begin_array();
  for (const std::string& test : tests) out.value(test);
  out.end_array().end_object();
}

void write_interface(JsonWriter& out, const InterfaceState& interface) {
  out.begin_object()
      .field("id", interface.name)
      .field("name", interface.name)
      .field("up", interface.up && interface.running);
  out.field("speed_bps", interface.speed_bps).field("mtu", interface.mtu).key("addresses").begin_array();
  for (const Prefix& address : interface.addresses) out.value(address.text());
  out.end_array().field("loopback", interface.loopback);
  out.field("rx_bytes", interface.in_octets).field("tx_bytes", interface.out_octets);
  out.field("rx_packets", interface.in_packets).field("tx_packets", interface.out_packets);
  out.field("rx_errors", interface.in_errors).field("tx_errors", interface.out_errors);
  out.field("rx_discards", interface.in_discards).field("tx_discards", interface.out_discards).end_object();
}

void write_port(JsonWriter& out, const PortView& port) {
  const std::string id = port.purpose + " " + port.protocol + " " + std::to_string(port.first) + " " + port.direction;
  out.begin_object().field("id", id).field("purpose", port.purpose).field("protocol", port.protocol);
  out.field("direction", port.direction).field("first", port.first).field("last", port.last).field("open", port.open);
  out.field("sentence", port.sentence).end_object();
}

void write_disk(JsonWriter& out, const ArchiveState& disk) {
  out.key("disk").begin_object().field("storing", disk.storing).field("sentence", disk.sentence);
  out.field("used_bytes", disk.used_octets).field("budgeted_bytes", disk.budgeted_octets);
  out.field("free_bytes", disk.free_octets).field("results", disk.results).field("queued", disk.queued);
  out.field("overflowed", disk.overflowed).end_object();
}

void write_versions(JsonWriter& out, const Snapshot& now) {
  utsname kernel{};
  ::uname(&kernel);
  const std::pair<std::string, std::string> versions[] = {
      {"sonde", now.version}, {"kernel", kernel.release}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}};
  out.field("version", now.version).key("versions").begin_array();
  for (const auto& [name, version] : versions)
    out.begin_object().field("name", name).field("version", version).end_object();
  out.end_array();
}

/// What the public is not told.
void write_inside(JsonWriter& out, const Call& call) {
  const Snapshot& now = *call.now;
  write_versions(out, now);
  out.field("config_revision", now.config_revision).field("config_editable", now.config_editable);
  out.field("config_sentence", now.config_sentence).key("interfaces").begin_array();
  for (const InterfaceState& interface : now.health.interfaces) write_interface(out, interface);
  out.end_array().key("ports").begin_array();
  for (const PortView& port : now.ports) write_port(out, port);
  out.end_array().field("memory_bytes", now.health.resident_octets).field("cpu_share", now.health.cpu_share);
  out.field("slip_p99_s", seconds_of(now.health.slip_p99)).field("clock_steps", now.clock_steps).key("certificate");
  write_certificate(out, call);
  out.key("machine");
  write_data_place(out, now.machine.get());
  out.key("fitness");
  write_fitness_sum(out, now.fitness.get());
}

std::string node_sentence(const Snapshot& now, const std::vector<std::string>& problems) {
  if (!problems.empty()) return problems.front();
  const auto paths = std::ranges::count_if(
      now.config->tests, [](const TestSpec& t) { return !t.peer.empty() && !t.self_check && !t.paused; });
  const Duration up = std::chrono::floor<std::chrono::minutes>(now.made - now.started);
  return "This node works: it " +
         (up > Duration::zero() ? "has been up for " + format_duration(up) : "was just started") + " and runs " +
         std::to_string(paths) + (paths == 1 ? " test to others." : " tests to others.");
}

HttpResponse get_node(Call& call) {
  const Snapshot& now = *call.now;
  const auto problems = problems_of(now, call.sees_all());
  JsonWriter out;
  out.begin_object().field("id", now.config->site.node_id).key("site");
  write_site(out, now.config->site, call.sees_all());
  out.field("started", format_utc(now.started)).field("made", format_utc(now.made));
  clock_field(out, "clock", now.clock);
  out.field("clock_offset_s", now.health.clock_offset);
  write_self_check(out, now);
  write_disk(out, now.archive);
  out.field("sentence", node_sentence(now, problems)).key("problems").begin_array();
  for (const std::string& problem : problems) out.value(problem);
  out.end_array();
  if (call.sees_all()) write_inside(out, call);
  out.end_object();
  return with_etag(json_reply(std::move(out)), now.config_revision);
}

HttpResponse get_firewall(Call& call) {
  Query query(call.request);
  const std::string id = query.text("peer");
  if (auto wrong = query.finish()) return problem(*wrong);
  const Peer* peer = call.now->config->peer(id);
  if (!id.empty() && !peer) return problem(404, "peer", "There is no such peer.");
  JsonWriter out;
  out.begin_object().field("text", firewall_request(*call.now, peer)).field("peer", id).end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/node", Needs::reading, get_node},
    {"GET", "/node/firewall", Needs::viewer, get_firewall},
};

}  // namespace

std::span<const Route> node_routes() { return kRoutes; }

}  // namespace sonde::web
