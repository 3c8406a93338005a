#include "core/archive/series_files.h"

#include "core/archive/disk.h"
#include "core/archive/tiers.h"

namespace sonde {
namespace {

const char* word(FileKind kind) {
  switch (kind) {
    case FileKind::steps:
      return "steps";
    case FileKind::sums:
      return "sums";
    case FileKind::ranges:
      return "ranges";
  }
  return "";
}

std::vector<RrdTier> tiers_of(FileKind kind, std::int64_t step_s) {
  const Duration step = std::chrono::seconds{step_s};
  if (kind == FileKind::steps) return {{"AVERAGE", 1, own_tier(step).kept / step}};
  std::vector<RrdTier> tiers;
  for (const Tier& tier : coarse_tiers_of(step)) {
    const std::int64_t steps = tier.step / step, rows = tier.kept / tier.step;
    if (kind == FileKind::sums) tiers.push_back({"AVERAGE", steps, rows});
    if (kind == FileKind::ranges) tiers.insert(tiers.end(), {{"MIN", steps, rows}, {"MAX", steps, rows}});
  }
  return tiers;
}

/// librrd's complaint, with the file that it is about.
template <typename Call>
auto guarded(const FileKey& key, Call call) {
  try {
    return call();
  } catch (const Error& error) {
    throw BrokenFile(key, error.what());
  }
}

}  // namespace

SeriesFiles::SeriesFiles(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_ / "series");
  std::filesystem::create_directories(directory_ / "copies");
}

/// A hundred folders keep each of them short.
std::filesystem::path SeriesFiles::named(const std::filesystem::path& archive, const char* folder, const FileKey& key) {
  return archive / folder / std::to_string(key.strand % 100) /
         (std::to_string(key.strand) + "-" + std::to_string(key.part) + "-" + word(key.kind) + ".rrd");
}
std::filesystem::path SeriesFiles::path(const FileKey& key) const { return named(directory_, "series", key); }
std::filesystem::path SeriesFiles::copy_path(const FileKey& key) const { return named(directory_, "copies", key); }

std::shared_ptr<SeriesFiles::State> SeriesFiles::state(const FileKey& key) {
  const std::scoped_lock lock(mutex_);
  auto& state = states_[key];
  if (!state) state = std::make_shared<State>();
  return state;
}

bool SeriesFiles::exists(const FileKey& key) const { return std::filesystem::exists(path(key)); }

std::int64_t SeriesFiles::newest_s(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  if (known->suspect) throw BrokenFile(key, path(key).string() + " waits for being restored");
  if (!known->newest_s) known->newest_s = guarded(key, [&] { return newest_of_rrd(path(key)); });
  return *known->newest_s;
}

std::vector<std::string> SeriesFiles::sources(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  if (known->suspect) throw BrokenFile(key, path(key).string() + " waits for being restored");
  if (known->sources.empty()) known->sources = guarded(key, [&] { return sources_of_rrd(path(key)); });
  return known->sources;
}

RrdTable SeriesFiles::read(const FileKey& key, const std::string& combining, std::int64_t step_s, std::int64_t begin_s,
                           std::int64_t end_s) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  if (known->suspect || !exists(key)) return {};
  try {
    return read_rrd(path(key), combining, step_s, begin_s, end_s);
  } catch (const Error&) {
    known->suspect = true;
    return {};
  }
}

void SeriesFiles::make(const FileKey& key, std::int64_t step_s, std::int64_t start_s,
                       std::span<const RrdSource> sources) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  std::filesystem::create_directories(path(key).parent_path());
  make_rrd(path(key), step_s, start_s, sources, tiers_of(key.kind, step_s));
  known->newest_s = start_s;
  known->suspect = false;
  known->sources.clear();
  for (const RrdSource& source : sources) known->sources.push_back(source.name);
}

void SeriesFiles::append(const FileKey& key, std::span<const RrdRow> rows) {
  if (rows.empty()) return;
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  known->newest_s.reset();
  if (known->suspect) throw BrokenFile(key, path(key).string() + " waits for being restored");
  guarded(key, [&] { return append_rrd(path(key), rows); });
  known->newest_s = rows.back().end_s;
}

void SeriesFiles::suspect(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  known->suspect = true;
}

std::vector<FileKey> SeriesFiles::suspects() {
  const std::scoped_lock lock(mutex_);
  std::vector<FileKey> all;
  for (const auto& [key, known] : states_) {
    const std::scoped_lock file(known->mutex);
    if (known->suspect) all.push_back(key);
  }
  return all;
}

void SeriesFiles::copy(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  if (known->suspect) throw BrokenFile(key, path(key).string() + " waits for being restored");
  guarded(key, [&] { return newest_of_rrd(path(key)); });
  std::filesystem::create_directories(copy_path(key).parent_path());
  copy_durably(path(key), copy_path(key));
}

void SeriesFiles::copy_to(const FileKey& key, const std::filesystem::path& archive) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  if (known->suspect) throw BrokenFile(key, path(key).string() + " waits for being restored");
  guarded(key, [&] { return newest_of_rrd(path(key)); });
  const auto target = named(archive, "series", key);
  std::filesystem::create_directories(target.parent_path());
  copy_file_to(path(key), target);
}

bool SeriesFiles::restore(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  known->newest_s.reset();
  known->sources.clear();
  known->suspect = false;
  try {
    if (std::filesystem::exists(copy_path(key))) {
      copy_durably(copy_path(key), path(key));
      newest_of_rrd(path(key));
      return true;
    }
  } catch (const Error&) {
    std::filesystem::remove(copy_path(key));  // no better than the file
  }
  std::filesystem::remove(path(key));
  return false;
}

void SeriesFiles::remove(const FileKey& key) {
  const auto known = state(key);
  const std::scoped_lock lock(known->mutex);
  std::filesystem::remove(path(key));
  std::filesystem::remove(copy_path(key));
  known->newest_s.reset();
  known->sources.clear();
  known->suspect = false;
}

}  // namespace sonde
