#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/config/config.h"
#include "core/config/rules.h"

namespace sonde {

/// The configuration in its folder: sonde.xml, and config-versions/ with the last 20 good ones. Used by one thread at
/// a time, never a loop's: it waits for the disk.
class ConfigStore {
 public:
  enum class Source : std::uint8_t {
    fresh,      ///< there was no file: defaults, nothing configured yet
    file,       ///< the file as it stands
    last_good,  ///< the file is broken; an earlier good one runs
    none,       ///< the file is broken and no earlier one is good: defaults, and the engines serve loopback only
  };
  struct State {
    Config config;
    Source source = Source::fresh;
    bool editable = true;
    /// While not editable: file, line and column, what runs meanwhile, what to do. After replace_broken(): what was
    /// done.
    std::string sentence;
  };

  ConfigStore(std::string folder, Probes probes);
  /// Reads the file, at the start or when it was changed by hand; a good one is kept as a version, named by `now`.
  State load(UtcTime now);
  /// After a load() that was not editable, where nobody edits the file by hand: it is put aside as sonde.xml.broken,
  /// and the last good version takes its place, or none. Source: last_good or fresh; the sentence tells what was done.
  /// Throws Error when that cannot be written, and when a later Sonde wrote the file.
  State replace_broken(UtcTime now);
  /// True when the file is no longer what was last loaded or saved.
  bool changed() const;
  /// Writes durably; keeps comments and unknown elements. Throws Error when the file was changed by hand meanwhile
  /// (load() first) or is broken, and when it cannot be written.
  void save(const Config& config, UtcTime now);
  std::string path() const { return folder_ + "/sonde.xml"; }
  /// Paths of the versions kept, oldest first.
  std::vector<std::string> versions() const;

 private:
  State fall_back(std::string sentence);
  std::string why_broken_;  ///< of the file that broken_ speaks of
  void keep_version(const std::string& text, UtcTime now);
  std::string folder_;
  Probes probes_;
  std::optional<std::string> text_;  ///< of the file as last loaded or saved
  std::optional<Config> last_good_;
  bool broken_ = false;
  bool later_ = false;  ///< it is whole, and of a later Sonde
};

}  // namespace sonde
