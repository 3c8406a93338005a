#include "core/archive/archive_check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <set>

#include "core/archive/committer.h"
#include "core/archive/series_files.h"

namespace sonde {
namespace {

/// librrd's file version 3 on 64 bits: a head, then definitions, then the state, then the values.
constexpr std::uint64_t kHead = 128, kDefinition = 120, kLive = 16, kPrepared = 112, kConsolidated = 80, kNumber = 8;
constexpr std::uint64_t kMostSources = 1000, kMostTiers = 100, kMostRows = 1'000'000;
constexpr std::int64_t kMostParts = 1000;

using Schema = std::set<std::array<std::string, 3>>;

Schema schema_of(Journal& journal) {
  Schema schema;
  for (auto rows = journal.query("SELECT type, name, coalesce(sql, '') FROM sqlite_master"); rows.next();)
    schema.insert({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
  return schema;
}

/// What an empty archive of ours has. A table of another make could hold triggers and views that do anything.
Schema own_schema(const std::filesystem::path& folder) {
  const auto empty = folder / "empty";
  std::filesystem::create_directory(empty);
  Schema schema;
  {
    Journal journal = open_journal({.directory = empty});
    schema = schema_of(journal);
  }
  std::filesystem::remove_all(empty);
  return schema;
}

std::uint64_t number_at(std::span<const char> octets, std::uint64_t at) {
  std::uint64_t number = 0;
  std::memcpy(&number, octets.data() + at, sizeof number);
  return number;
}

/// librrd believes the numbers in a file's head, so they are held against its size first.
bool has_its_size(const std::filesystem::path& file) {
  const std::uint64_t size = std::filesystem::file_size(file);
  if (size < kHead) return false;
  std::ifstream in(file, std::ios::binary);
  std::vector<char> head(kHead);
  if (!in.read(head.data(), static_cast<std::streamsize>(head.size()))) return false;
  if (std::memcmp(head.data(),
                  "RRD\0"
                  "0003",
                  9) != 0)
    return false;
  const std::uint64_t sources = number_at(head, 24), tiers = number_at(head, 32);
  if (sources == 0 || sources > kMostSources || tiers == 0 || tiers > kMostTiers) return false;
  std::vector<char> definitions(kDefinition * (sources + tiers));
  if (!in.read(definitions.data(), static_cast<std::streamsize>(definitions.size()))) return false;
  std::uint64_t wanted =
      kHead + definitions.size() + kLive + kPrepared * sources + kConsolidated * sources * tiers + kNumber * tiers;
  for (std::uint64_t i = 0; i < tiers; ++i) {
    const std::uint64_t rows = number_at(definitions, kDefinition * (sources + i) + 24);
    if (rows == 0 || rows > kMostRows) return false;
    wanted += rows * sources * kNumber;
  }
  return size == wanted;
}

void check_journal(Journal& journal, const std::filesystem::path& folder) {
  journal.execute("PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1");
  if (schema_of(journal) != own_schema(folder))
    throw Error("The archive's database has other tables than this version of Sonde makes.");
  auto rows = journal.query("PRAGMA integrity_check(1)");
  if (!rows.next() || rows.text(0) != "ok")
    throw Error("The archive's database is damaged: " + std::string(rows.text(0)) + ".");
}

/// Paths that the database's catalogue gives room for; not each of them must be there.
std::set<std::filesystem::path> paths_of(Journal& journal, const SeriesFiles& files) {
  std::set<std::filesystem::path> paths;
  for (auto rows = journal.query("SELECT id, parts FROM strand"); rows.next();)
    for (int part = 1; part <= std::min<std::int64_t>(rows.number(1), kMostParts); ++part)
      for (const FileKind kind : {FileKind::steps, FileKind::sums, FileKind::ranges})
        paths.insert(files.path({rows.number(0), part, kind}));
  return paths;
}

void check_files(const std::set<std::filesystem::path>& known, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "series")) {
    if (entry.is_directory()) continue;
    const std::string name = std::filesystem::relative(entry.path(), folder).string();
    if (!known.contains(entry.path())) throw Error("The archive's database knows nothing of " + name + ".");
    if (!has_its_size(entry.path())) throw Error(name + " is no whole RRD file as this machine writes them.");
    newest_of_rrd(entry.path());
    sources_of_rrd(entry.path());
  }
}

}  // namespace

void check_archive(const std::filesystem::path& folder) {
  const SeriesFiles files(folder);
  std::set<std::filesystem::path> known;
  {
    Journal journal((folder / "journal.db").string(), Journal::Mode::read);
    check_journal(journal, folder);
    known = paths_of(journal, files);
  }
  check_files(known, folder);
}

}  // namespace sonde
