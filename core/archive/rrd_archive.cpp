#include "core/archive/rrd_archive.h"

#include <rrd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>

#include "core/base/error.h"

namespace sonde {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& file) {
  const char* words = rrd_get_error();
  std::string sentence = "cannot " + what + " " + file.string() + ": " + (words != nullptr ? words : "unknown");
  rrd_clear_error();
  throw Error(sentence);
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> all;
  all.reserve(texts.size());
  for (const auto& text : texts) all.push_back(text.c_str());
  return all;
}

std::string text_of(const RrdRow& row) {
  std::string text = std::to_string(row.end_s);
  for (const double value : row.values) {
    text += ':';
    char digits[32];
    if (!std::isfinite(value)) {
      text += 'U';
    } else {
      text.append(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general).ptr);
    }
  }
  return text;
}

struct FreeRrd {
  void operator()(void* memory) const { rrd_freemem(memory); }
};
struct FreeInfo {
  void operator()(rrd_info_t* info) const { rrd_info_free(info); }
};

/// Begin of what the tier holds; empty if the file has no such tier.
std::optional<time_t> first_of_tier(const std::filesystem::path& file, const std::string& combining,
                                    std::int64_t step_s) {
  rrd_clear_error();
  const std::unique_ptr<rrd_info_t, FreeInfo> info(rrd_info_r(file.c_str()));
  if (!info) fail("read", file);
  std::int64_t own_step = 1;
  bool combines = false;
  for (const rrd_info_t* entry = info.get(); entry != nullptr; entry = entry->next) {
    const std::string_view key = entry->key;
    if (key == "step") own_step = static_cast<std::int64_t>(entry->value.u_cnt);
    if (key.starts_with("rra[") && key.ends_with("].cf")) combines = entry->value.u_str == combining;
    if (!combines || !key.ends_with("].pdp_per_row")) continue;
    if (static_cast<std::int64_t>(entry->value.u_cnt) * own_step != step_s) continue;
    const time_t first_end = rrd_first_r(file.c_str(), std::atoi(entry->key + 4));
    if (first_end > 0) return first_end - step_s;
  }
  return std::nullopt;
}

struct Fetched {
  time_t start = 0, end = 0;
  unsigned long step = 0, columns = 0;
  std::unique_ptr<rrd_value_t, FreeRrd> data;
};

Fetched fetch(const std::filesystem::path& file, const std::string& combining, std::int64_t step_s, time_t start,
              time_t end) {
  // librrd answers with one row beyond an end that lies on a step.
  Fetched f{start, end - 1, static_cast<unsigned long>(step_s), 0, nullptr};
  char** names = nullptr;
  rrd_value_t* data = nullptr;
  rrd_clear_error();
  if (rrd_fetch_r(file.c_str(), combining.c_str(), &f.start, &f.end, &f.step, &f.columns, &names, &data) != 0)
    fail("read", file);
  f.data.reset(data);
  for (unsigned long i = 0; i < f.columns; ++i) rrd_freemem(names[i]);
  rrd_freemem(names);
  return f;
}

}  // namespace

void make_rrd(const std::filesystem::path& file, std::int64_t step_s, std::int64_t start_s,
              std::span<const RrdSource> sources, std::span<const RrdTier> tiers) {
  std::vector<std::string> words;
  for (const RrdSource& s : sources)
    words.push_back("DS:" + s.name + ":GAUGE:" + std::to_string(s.heartbeat_s) + ":U:U");
  for (const RrdTier& t : tiers)
    words.push_back("RRA:" + t.combining + ":0.5:" + std::to_string(t.steps) + ":" + std::to_string(t.rows));
  auto arguments = pointers(words);
  const std::filesystem::path fresh = file.string() + ".new";
  rrd_clear_error();
  if (rrd_create_r(fresh.c_str(), static_cast<unsigned long>(step_s), start_s, static_cast<int>(arguments.size()),
                   arguments.data()) != 0)
    fail("make", fresh);
  std::filesystem::rename(fresh, file);
}

void append_rrd(const std::filesystem::path& file, std::span<const RrdRow> rows) {
  if (rows.empty()) return;
  std::vector<std::string> words;
  words.reserve(rows.size());
  for (const RrdRow& row : rows) words.push_back(text_of(row));
  auto arguments = pointers(words);
  rrd_clear_error();
  if (rrd_update_r(file.c_str(), nullptr, static_cast<int>(arguments.size()), arguments.data()) != 0)
    fail("write to", file);
}

std::int64_t newest_of_rrd(const std::filesystem::path& file) {
  rrd_clear_error();
  const time_t last = rrd_last_r(file.c_str());
  if (last < 0) fail("read", file);
  return last;
}

std::vector<std::string> sources_of_rrd(const std::filesystem::path& file) {
  time_t last = 0;
  unsigned long count = 0;
  char** names = nullptr;
  char** values = nullptr;
  rrd_clear_error();
  if (rrd_lastupdate_r(file.c_str(), &last, &count, &names, &values) != 0) fail("read", file);
  std::vector<std::string> sources;
  for (unsigned long i = 0; i < count; ++i) {
    const std::unique_ptr<char, FreeRrd> name(names[i]), value(values[i]);
    sources.emplace_back(name.get());
  }
  rrd_freemem(names);
  rrd_freemem(values);
  return sources;
}

RrdTable read_rrd(const std::filesystem::path& file, const std::string& combining, std::int64_t step_s,
                  std::int64_t begin_s, std::int64_t end_s) {
  time_t start = begin_s - begin_s % step_s;
  if (end_s <= start) return {};
  Fetched fetched = fetch(file, combining, step_s, start, end_s);
  if (static_cast<std::int64_t>(fetched.step) != step_s) {
    // Where a tier does not reach back to the start, librrd prefers a wider one that does.
    const auto first = first_of_tier(file, combining, step_s);
    if (!first || *first >= end_s) return {};
    start = std::max(start, *first);
    fetched = fetch(file, combining, step_s, start, end_s);
    if (static_cast<std::int64_t>(fetched.step) != step_s) return {};
  }
  RrdTable table{step_s, fetched.start + step_s, fetched.columns, {}};
  const auto rows = static_cast<std::size_t>((fetched.end - fetched.start) / step_s);
  table.values.assign(fetched.data.get(), fetched.data.get() + rows * fetched.columns);
  return table;
}

}  // namespace sonde
