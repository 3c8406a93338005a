#include "appliance/route_text.h"

#include "appliance/result_text.h"

namespace sonde {
namespace {

/// One address of a hop, its name, and how long each flow waited for it.
std::string line_of(const TracedRoute& route, const RouteHop& hop, const IpAddress& address, const std::string& name) {
  std::string line = address.text();
  if (!name.empty()) line += " (" + name + ")";
  std::string mark;
  for (const RouteAnswer& answer : hop.answers) {
    if (answer.address != address) continue;
    line += "  " + format_value(Unit::seconds, to_seconds(answer.round_trip));
    mark = mark_of(route, answer);
  }
  return mark.empty() ? line : line + "  " + mark;
}

}  // namespace

std::string mark_of(const TracedRoute& route, const RouteAnswer& answer) {
  const bool v4 = route.target.family() == Family::v4;
  const bool unreachable = answer.icmp_type == (v4 ? 3 : 1);
  const bool port = answer.icmp_code == (v4 ? 3 : 4);
  if (!unreachable || port) return {};
  const bool prohibited =
      v4 ? answer.icmp_code == 9 || answer.icmp_code == 10 || answer.icmp_code == 13 : answer.icmp_code == 1;
  if (prohibited) return "!X (forbidden)";
  if (answer.icmp_code == 0) return v4 ? "!N (no such network)" : "!N (no route)";
  if (v4 ? answer.icmp_code == 1 : answer.icmp_code == 3) return "!H (host does not answer)";
  return "!" + std::to_string(answer.icmp_code);
}

std::string route_lines(const TracedRoute& route, const std::function<std::string(const IpAddress&)>& name) {
  std::string text;
  for (std::size_t i = 0; i < route.hops.size(); ++i) {
    const RouteHop& hop = route.hops[i];
    const std::string number = std::to_string(i + 1);
    std::string head = std::string(number.size() < 3 ? 3 - number.size() : 0, ' ') + number + "  ";
    for (const IpAddress& address : hop.addresses()) {
      text += head + line_of(route, hop, address, name(address)) + '\n';
      head = "     ";
    }
    if (hop.answers.empty()) text += head + "* nobody answered\n";
  }
  return text;
}

}  // namespace sonde
