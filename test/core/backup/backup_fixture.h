#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backup/backups.h"
#include "core/config/config_store.h"
#include "test/core/archive/archive_fixture.h"

namespace sonde::test {

using Members = std::vector<std::pair<std::string, std::string>>;
/// A file as PackWriter makes it, of anything.
std::string packed(const Members& members);
Members unpacked(const std::string& file);
/// With another list of checksums, and a description that fits.
std::string resealed(Members members);
PackReader::Source source_of(const std::string& file);

/// A node's folder with a configuration, secrets and two days of an OWAMP test, and what makes backups of it.
class BackedUpNode {
 public:
  explicit BackedUpNode(int minutes = 120);
  std::string backup();
  MemoryFolder folder;
  SetClock clock;
  Config config;
  std::unique_ptr<DurableArchive> archive;
  int restarts = 0;
  std::unique_ptr<Backups> backups;
};

/// Everything below a folder with its content; what SQLite keeps beside a database is left out.
std::vector<std::pair<std::string, std::string>> contents_of(const std::filesystem::path& folder);

}  // namespace sonde::test
