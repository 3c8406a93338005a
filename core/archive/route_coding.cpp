#include "core/archive/route_coding.h"

namespace sonde {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kIcmp = 1, kBefore = 1;
constexpr std::size_t kMostAnswers = 64;

void put_answer(CodingWriter& out, const RouteAnswer& answer) {
  put_address(out, answer.address);
  out.whole(answer.round_trip.count());
  out.octet(answer.flow);
  out.whole(answer.icmp_type);
  out.whole(answer.icmp_code);
}

RouteAnswer get_answer(CodingReader& in) {
  RouteAnswer answer;
  answer.address = get_address(in);
  answer.round_trip = Duration{in.whole()};
  answer.flow = in.octet();
  answer.icmp_type = static_cast<int>(in.whole());
  answer.icmp_code = static_cast<int>(in.whole());
  return answer;
}

bool possible(const RouteAnswer& answer) {
  const auto octet = [](int value) { return value >= -1 && value <= 255; };
  return octet(answer.icmp_type) && octet(answer.icmp_code);
}

}  // namespace

void put_address(CodingWriter& out, const IpAddress& address) {
  out.bytes(address.bytes());
  if (address.family() == Family::v6) out.number(address.scope());
}

IpAddress get_address(CodingReader& in) {
  const auto bytes = in.bytes();
  if (bytes.size() == 16) return IpAddress::v6(bytes.first<16>(), static_cast<std::uint32_t>(in.number()));
  return bytes.size() == 4 ? IpAddress::v4(bytes.first<4>()) : IpAddress{};
}

void put_route(CodingWriter& out, const TracedRoute& route) {
  out.octet(route.icmp ? kIcmp : 0);
  put_address(out, route.target);
  out.number(static_cast<std::uint64_t>(route.reached_at));
  out.number(route.hops.size());
  for (const RouteHop& hop : route.hops) {
    out.octet(hop.silent);
    out.number(hop.answers.size());
    for (const RouteAnswer& answer : hop.answers) put_answer(out, answer);
  }
}

std::optional<TracedRoute> get_route(CodingReader& in) {
  TracedRoute route;
  route.icmp = in.octet() & kIcmp;
  route.target = get_address(in);
  const std::uint64_t reached_at = in.number();
  const std::size_t hops = in.count();
  if (!in.ok() || hops > TracedRoute::kMostHops || reached_at > hops) return std::nullopt;
  route.reached_at = static_cast<int>(reached_at);
  for (std::size_t i = 0; i < hops; ++i) {
    RouteHop hop;
    hop.silent = in.octet();
    const std::size_t answers = in.count();
    if (!in.ok() || answers > kMostAnswers) return std::nullopt;
    for (std::size_t k = 0; k < answers; ++k) {
      hop.answers.push_back(get_answer(in));
      if (!in.ok() || !possible(hop.answers.back())) return std::nullopt;
    }
    route.hops.push_back(std::move(hop));
  }
  return in.ok() ? std::optional(std::move(route)) : std::nullopt;
}

Bytes encode_route_change(const RouteChange& change) {
  CodingWriter out;
  out.octet(kVersion);
  out.octet(change.before ? kBefore : 0);
  out.whole(change.before_seen.time_since_epoch().count());
  if (change.before) put_route(out, *change.before);
  put_route(out, change.after);
  return out.take();
}

std::optional<RouteChange> decode_route_change(std::span<const std::byte> body) {
  CodingReader in(body);
  if (in.octet() != kVersion) return std::nullopt;
  const bool has_before = in.octet() & kBefore;
  RouteChange change;
  change.before_seen = UtcTime{Duration{in.whole()}};
  if (has_before) {
    change.before = get_route(in);
    if (!change.before) return std::nullopt;
  }
  auto after = get_route(in);
  if (!after || !in.at_end()) return std::nullopt;
  change.after = std::move(*after);
  return change;
}

}  // namespace sonde
