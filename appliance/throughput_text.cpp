#include "appliance/throughput_text.h"

#include <algorithm>
#include <cmath>

#include "appliance/result_text.h"
#include "probes/throughput/metrics.h"

namespace sonde {
namespace {

namespace own = throughput::own;

const Statistic* find(const Result& result, const Metric& metric, Direction direction) {
  const auto found = std::ranges::find_if(
      result.statistics, [&](const Statistic& s) { return s.metric == &metric && s.direction == direction; });
  return found == result.statistics.end() ? nullptr : &*found;
}

std::optional<double> value_of(const Result& result, const Metric& metric, Direction direction) {
  const Statistic* found = find(result, metric, direction);
  return found ? found->value : std::nullopt;
}

/// "1,234,567": counts of octets are compared digit by digit.
std::string grouped(double value) {
  std::string text = std::to_string(std::llround(value));
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string counted(double value, const std::string& noun) {
  return grouped(value) + " " + noun + (std::llround(value) == 1 ? "" : "s");
}

/// What TCP repeated or UDP lost.
std::string trouble(const Result& result, Direction direction) {
  if (const auto again = value_of(result, own::retransmits, direction))
    return ", " + counted(*again, "segment") + " sent again";
  const auto sent = value_of(result, metric::sent, direction), lost = value_of(result, metric::lost, direction);
  if (!sent || !lost) return {};
  return ", " + grouped(*lost) + " of " + counted(*sent, "datagram") + " lost (" +
         format_value(Unit::share, value_of(result, metric::loss_ratio, direction)) + ")";
}

std::string direction_line(const Result& result, Direction direction) {
  const Statistic* rate = find(result, own::rate, direction);
  if (!rate) return {};
  std::string line = direction == Direction::forward ? "There: " : "Back: ";
  line += format_with_error(*rate);
  if (const auto sent = value_of(result, own::octets_sent, direction)) line += "; " + grouped(*sent) + " octets sent";
  if (const auto got = value_of(result, own::octets_received, direction)) line += ", " + grouped(*got) + " received";
  return line + trouble(result, direction) + ".\n";
}

std::string latency_line(const Result& result) {
  const Statistic* added = find(result, own::latency_added, Direction::round_trip);
  if (!added) return {};
  const auto text = [&](const Metric& metric) {
    return format_value(Unit::seconds, value_of(result, metric, Direction::round_trip));
  };
  if (!added->value) return "Latency under load: not known, because " + added->why + ".\n";
  const std::string change =
      *added->value > 0 ? "the load adds " + text(own::latency_added) : std::string("the load adds nothing");
  return "Latency under load: " + text(own::latency_idle) + " idle, " + text(own::latency_loaded) + " loaded; " +
         change + ".\n";
}

}  // namespace

std::string throughput_lines(const Result& result) {
  std::string text;
  for (const Direction direction : {Direction::forward, Direction::reverse}) text += direction_line(result, direction);
  if (text.empty()) return text;
  text += latency_line(result);
  const auto limit = result.parameters.find("limit");
  return limit == result.parameters.end() ? text : text + limit->second + "\n";
}

}  // namespace sonde
