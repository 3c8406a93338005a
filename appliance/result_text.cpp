#include "appliance/result_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "appliance/throughput_text.h"

namespace sonde {
namespace {

std::string significant(double value) {
  std::array<char, 48> text{};
  const double size = std::abs(value);
  const int digits = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string with_prefix(double value, const char* unit) {
  static constexpr std::array kPrefixes = {"", "k", "M", "G", "T"};
  std::size_t i = 0;
  while (std::abs(value) >= 999.5 && i + 1 < kPrefixes.size()) {
    value /= 1000;
    ++i;
  }
  return significant(value) + ' ' + kPrefixes[i] + unit;
}

std::string format_seconds(double value) {
  const double size = std::abs(value);
  if (size < 0.9995e-3) return significant(value * 1e6) + " µs";
  if (size < 0.9995) return significant(value * 1e3) + " ms";
  return significant(value) + " s";
}

std::string counts_line(const DirectionResult& d) {
  const Counts& c = d.counts;
  std::string line = std::to_string(c.sent) + " sent, " + std::to_string(c.received) + " received, " +
                     std::to_string(c.lost) + " lost";
  if (c.duplicated > 0) line += ", " + std::to_string(c.duplicated) + " duplicated";
  if (c.reordered > 0) line += ", " + std::to_string(c.reordered) + " reordered";
  if (c.dropped_here > 0) line += ", " + std::to_string(c.dropped_here) + " not measured (dropped by this host)";
  if (c.sent_late > 0) line += ", " + std::to_string(c.sent_late) + " sent late";
  return line;
}

std::string padded(std::string_view text, std::size_t width) {
  // Count characters, not octets: titles are UTF-8.
  const auto shown = static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
  return std::string(text) + std::string(width > shown ? width - shown : 1, ' ');
}

std::string clock_line(const Result& result) {
  if (result.own_clocks_only) return "same clock at both ends";
  const auto one = [](const ClockQuality& q) {
    return q.bound ? "± " + format_duration(*q.bound) : std::string("unknown");
  };
  return "clock here " + one(result.local_clock) + ", there " + one(result.remote_clock);
}

std::string direction_title(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return "there (forward)\n";
    case Direction::reverse:
      return "back (reverse)\n";
    case Direction::round_trip:
      return "round trip\n";
    default:
      return "";
  }
}

std::string name_of(const Statistic& s) {
  return s.subject.empty() ? std::string(s.metric->title) : s.subject + " " + std::string(s.metric->title);
}

/// What has a value first, a line each; then what has none, gathered under its reason.
std::string direction_block(const Result& result, Direction direction) {
  std::string block;
  for (const DirectionResult& d : result.directions)
    if (d.direction == direction) block += "  " + counts_line(d) + "\n";
  std::map<std::string, std::string> without;
  for (const Statistic& s : result.statistics) {
    if (s.direction != direction || s.metric->kind == MetricKind::count) continue;
    if (s.value)
      block += "  " + padded(name_of(s), 40) + format_with_error(s) + "\n";
    else
      without[s.why] += (without[s.why].empty() ? "" : ", ") + name_of(s);
  }
  for (const auto& [why, names] : without) block += "  – " + why + ": " + names + "\n";
  return block;
}

}  // namespace

std::string format_value(Unit unit, std::optional<double> value) {
  if (!value) return "–";
  switch (unit) {
    case Unit::seconds:
      return format_seconds(*value);
    case Unit::share:
      return significant(*value * 100) + " %";
    case Unit::bits_per_second:
    case Unit::octets_per_second:
    case Unit::packets_per_second:
      return with_prefix(*value, std::string(symbol(unit)).c_str());
    case Unit::hops: {
      const bool whole = *value == std::trunc(*value);
      return (whole ? std::to_string(std::lround(*value)) : significant(*value)) + (*value == 1 ? " hop" : " hops");
    }
    case Unit::none:
      return significant(*value);
    default:
      return significant(*value) + ' ' + std::string(symbol(unit));
  }
}

std::string format_with_error(const Statistic& s) {
  const Unit unit = s.metric->unit;
  std::string text = format_value(unit, s.value);
  if (!s.value) return s.why.empty() ? text : text + " (" + s.why + ")";
  if (!s.interval.low || !s.interval.high || s.basis == Basis::exact_count) return text;
  const double below = *s.value - *s.interval.low, above = *s.interval.high - *s.value;
  if (unit == Unit::seconds && std::abs(above - below) <= 0.02 * std::max(above, below))
    return text + " ± " + format_value(unit, above);
  return text + " (" + format_value(unit, s.interval.low) + " to " + format_value(unit, s.interval.high) + ")";
}

std::string describe(const Result& result, const std::string& title) {
  std::string text = title + "\n" + std::string(to_string(result.outcome));
  if (!result.sentence.empty()) text += ": " + result.sentence;
  text += '\n';
  text += throughput_lines(result);
  if (result.stamp != StampSource::none)
    text += clock_line(result) + "; receive stamps by " + std::string(to_string(result.stamp)) + '\n';
  for (const Direction direction :
       {Direction::forward, Direction::reverse, Direction::round_trip, Direction::local, Direction::none})
    if (const std::string block = direction_block(result, direction); !block.empty())
      text += '\n' + direction_title(direction) + block;
  return text;
}

std::string raw_lines(const Result& result) {
  std::string text;
  for (const DirectionResult& d : result.directions)
    for (const PacketRecord& p : d.packets)
      text += std::string(to_string(d.direction)) + ' ' + std::to_string(p.sequence) + ' ' +
              std::to_string(p.sent.time_since_epoch().count()) + ' ' +
              std::to_string(p.received ? p.received->time_since_epoch().count() : 0) + '\n';
  return text;
}

}  // namespace sonde
