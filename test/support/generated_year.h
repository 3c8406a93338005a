#pragma once

#include <filesystem>
#include <string>

#include "core/base/time.h"

namespace sonde::test {

struct GeneratedYear {
  std::filesystem::path data;  ///< DATA of `sonde run`; must not hold an archive yet
  int paths = 3;
  /// Every minute of the year, with files as the product makes them; else hours for the year and minutes for the last
  /// day, in small files.
  bool full_year = false;
  bool cases = false;  ///< the first three paths tell prepared_cases()
  UtcTime end{};       ///< the year ends here
};

/// Writes a year of stored series, histograms and events of OWAMP tests, straight into the stored formats, and the
/// Results of the last hour through the archive itself. Throws Error.
void generate(const GeneratedYear& year);

}  // namespace sonde::test
