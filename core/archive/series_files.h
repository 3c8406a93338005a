#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/archive/rrd_archive.h"
#include "core/base/error.h"
#include "core/base/time.h"

namespace sonde {

/// What a file of a strand holds; part of its name.
enum class FileKind : std::uint8_t {
  steps,   ///< every value at the test's own step
  sums,    ///< counts, sums and plain means at the coarse tiers (AVERAGE)
  ranges,  ///< least and greatest values at the coarse tiers (MIN, MAX)
};
struct FileKey {
  std::int64_t strand = 0;
  int part = 1;
  FileKind kind = FileKind::steps;
  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};

/// A file that cannot be used as it is: restore it.
class BrokenFile : public Error {
 public:
  BrokenFile(const FileKey& file, const std::string& sentence) : Error(sentence), file_(file) {}
  const FileKey& file() const { return file_; }

 private:
  FileKey file_;
};

/// The files under series/ with their copies under copies/. One mutex for each file, for reading and writing alike.
/// Safe to call from any thread; make, append, copy, restore and remove are the series thread's.
class SeriesFiles {
 public:
  explicit SeriesFiles(std::filesystem::path directory);

  bool exists(const FileKey& key) const;
  /// End of the newest step; sources in the file's order. Throw BrokenFile.
  std::int64_t newest_s(const FileKey& key);
  std::vector<std::string> sources(const FileKey& key);
  /// Empty while the file is suspect, and if it turns out to be.
  RrdTable read(const FileKey& key, const std::string& combining, std::int64_t step_s, std::int64_t begin_s,
                std::int64_t end_s);

  void make(const FileKey& key, std::int64_t step_s, std::int64_t start_s, std::span<const RrdSource> sources);
  /// Throws BrokenFile.
  void append(const FileKey& key, std::span<const RrdRow> rows);

  /// From now on the file may be torn: nobody opens it until it is restored.
  void suspect(const FileKey& key);
  std::vector<FileKey> suspects();
  /// A durable copy of the file as it is now. Throws BrokenFile rather than copy one that cannot be read.
  void copy(const FileKey& key);
  /// A copy for a backup, of the file as it is now. Throws BrokenFile.
  void copy_to(const FileKey& key, const std::filesystem::path& archive);
  /// The file becomes what its copy is, or disappears if there is none. False = it disappeared.
  bool restore(const FileKey& key);
  /// With its copy.
  void remove(const FileKey& key);

  std::filesystem::path path(const FileKey& key) const;
  std::filesystem::path copy_path(const FileKey& key) const;
  const std::filesystem::path& directory() const { return directory_; }

 private:
  struct State {
    std::mutex mutex;
    bool suspect = false;
    std::optional<std::int64_t> newest_s;
    std::vector<std::string> sources;
  };
  std::shared_ptr<State> state(const FileKey& key);
  static std::filesystem::path named(const std::filesystem::path& archive, const char* folder, const FileKey& key);

  const std::filesystem::path directory_;
  std::mutex mutex_;
  std::map<FileKey, std::shared_ptr<State>> states_;
};

}  // namespace sonde
