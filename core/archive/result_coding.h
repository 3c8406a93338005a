#pragma once

#include <functional>
#include <optional>
#include <span>

#include "core/archive/names.h"
#include "core/measurement/result.h"

namespace sonde {

/// A Metric by probe and key, or null. Safe to call from any thread.
using MetricFinder = std::function<const Metric*(std::string_view probe, std::string_view key)>;

/// The stored body of a Result: everything but what has columns of its own (id, test, revision, begin, end, outcome),
/// its packets and its log. Layout in README.md, "Result body". Never fails.
Bytes encode_result(const Result& result, Names& names);
/// Null for anything that encode_result cannot have written. A metric that `find` does not know any more comes back
/// under its key, without title and unit.
std::optional<Result> decode_result(std::span<const std::byte> body, const Names& names, const MetricFinder& find);

/// Only the value, interval and counts behind one series; a fraction of the cost of decoding the whole.
struct CodedValue {
  std::optional<double> value;
  Interval interval;
  std::optional<Counts> counts;  ///< of its direction
};
std::optional<CodedValue> find_coded_value(std::span<const std::byte> body, Names::Id metric, Direction direction,
                                           std::string_view subject);

/// Packet records of all directions, against `begin`: they move with it.
Bytes encode_packets(const Result& result);
/// Puts them back into the directions of `result`; false = damaged, and `result` is unchanged.
bool decode_packets(std::span<const std::byte> body, Result& result);

/// Log lines, against `begin`: the newest ones whose texts fit in `most` octets.
Bytes encode_log(std::span<const LogLine> log, UtcTime begin, std::size_t most = 1 << 20);
std::optional<std::vector<LogLine>> decode_log(std::span<const std::byte> body, UtcTime begin);

}  // namespace sonde
