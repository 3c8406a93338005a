#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sonde {

/// The only door to librrd. Plain functions on files: each is opened and closed within the call. librrd's lock does
/// not part threads, so the caller keeps two of them from one file. All throw Error with librrd's words.

/// A source whose silence beyond the heartbeat is unknown.
struct RrdSource {
  std::string name;  ///< at most 19 of [a-zA-Z0-9_]
  std::int64_t heartbeat_s = 0;
};
struct RrdTier {
  std::string combining;  ///< "AVERAGE", "MIN", "MAX"
  std::int64_t steps = 1, rows = 1;
};
/// Appears complete or not at all. Begins at `start_s`, a multiple of the step.
void make_rrd(const std::filesystem::path& file, std::int64_t step_s, std::int64_t start_s,
              std::span<const RrdSource> sources, std::span<const RrdTier> tiers);

/// The step that ends at `end_s`; values in the order of the sources, NaN = unknown.
struct RrdRow {
  std::int64_t end_s = 0;
  std::vector<double> values;
};
/// Ascending and after the newest one there.
void append_rrd(const std::filesystem::path& file, std::span<const RrdRow> rows);
/// End of the newest step.
std::int64_t newest_of_rrd(const std::filesystem::path& file);
std::vector<std::string> sources_of_rrd(const std::filesystem::path& file);

/// Rows of all sources, one after the other; row i ends at first_end_s + i * step_s.
struct RrdTable {
  std::int64_t step_s = 0, first_end_s = 0;
  std::size_t columns = 0;
  std::vector<double> values;
  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};
/// Steps that end after `begin_s` and not after `end_s`, of the tier with exactly this step; empty if there is none.
/// What the tier no longer holds is NaN.
RrdTable read_rrd(const std::filesystem::path& file, const std::string& combining, std::int64_t step_s,
                  std::int64_t begin_s, std::int64_t end_s);

}  // namespace sonde
