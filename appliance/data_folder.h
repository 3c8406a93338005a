#pragma once

#include <filesystem>
#include <string>

namespace sonde {

/// /var/lib/sonde as root, else $XDG_DATA_HOME/sonde, else ~/.local/share/sonde.
std::filesystem::path standard_data_folder();

/// The folder of one node, made with mode 0700 if absent. Holds a lock as long as it lives, so that two nodes never
/// share one. Throws Error with a sentence ("... is used by process 123").
class DataFolder {
 public:
  explicit DataFolder(std::filesystem::path path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path socket() const { return path_ / "sonde.sock"; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace sonde
