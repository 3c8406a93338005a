#include "web/api/route_json.h"

namespace sonde::web {
namespace {

/// Whose address it is; nothing of it for addresses alone.
void write_label(JsonWriter& out, const HopLabel& label) {
  out.field("name", label.name).field("as_number", label.as_number).field("as_name", label.as_name);
}

void write_answer(JsonWriter& out, const RouteAnswer& answer) {
  out.begin_object().field("address", answer.address.text()).field("flow", answer.flow);
  out.field("round_trip_s", to_seconds(answer.round_trip));
  const auto known = [](int value) { return value < 0 ? std::nullopt : std::optional(value); };
  out.field("icmp_type", known(answer.icmp_type)).field("icmp_code", known(answer.icmp_code)).end_object();
}

void write_hop(JsonWriter& out, const RouteHop& hop, int number, const Node* labels, bool look_up) {
  out.begin_object().field("hop", number).field("silent", hop.silent).key("routers").begin_array();
  for (const IpAddress& address : hop.addresses()) {
    out.begin_object().field("address", address.text());
    write_label(out, labels ? labels->hop_label(address, look_up) : HopLabel{});
    out.end_object();
  }
  out.end_array().key("answers").begin_array();
  for (const RouteAnswer& answer : hop.answers) write_answer(out, answer);
  out.end_array().end_object();
}

}  // namespace

void write_route(JsonWriter& out, const TracedRoute& route, const Node* labels, bool look_up) {
  out.begin_object().field("target", route.target.text()).field("protocol", route.icmp ? "icmp" : "udp");
  out.field("reached", route.reached_at != 0);
  out.field("reached_at", route.reached_at == 0 ? std::nullopt : std::optional(route.reached_at));
  out.key("hops").begin_array();
  for (std::size_t i = 0; i < route.hops.size(); ++i)
    write_hop(out, route.hops[i], static_cast<int>(i + 1), labels, look_up);
  out.end_array().end_object();
}

}  // namespace sonde::web
