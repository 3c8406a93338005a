#include "core/config/config_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/config/config_file.h"

namespace sonde {
namespace {

constexpr std::size_t kVersions = 20;
constexpr std::size_t kMost = kMostConfigOctets + 4096;

/// Sorts as time does, and is unique where the clock stands still or goes back.
std::string version_name(const std::vector<std::string>& present, UtcTime now) {
  std::string stem = "sonde-" + format_utc(now, 0);
  std::erase(stem, ':');
  unsigned long newest = 0;
  for (const std::string& path : present) {
    const std::string name = std::filesystem::path(path).stem().string();
    newest = std::max(newest, std::strtoul(name.c_str(), nullptr, 10));
  }
  std::string number = std::to_string(newest + 1);
  number.insert(0, 6 - std::min<std::size_t>(6, number.size()), '0');
  return number + "-" + stem + ".xml";
}

}  // namespace

ConfigStore::ConfigStore(std::string folder, Probes probes) : folder_(std::move(folder)), probes_(probes) {}

ConfigStore::State ConfigStore::load(UtcTime now) {
  try {
    text_ = read_file(path(), kMost);
  } catch (const Error& error) {
    text_.reset();
    return fall_back(error.what());
  }
  if (!text_) {
    broken_ = false;
    last_good_ = Config{};
    return {};
  }
  ConfigParsed parsed = parse_config(*text_, "sonde.xml", probes_);
  later_ = parsed.later;
  if (!parsed.config) return fall_back(parsed.sentence);
  broken_ = false;
  last_good_ = *parsed.config;
  try {
    keep_version(*text_, now);
  } catch (const Error&) {
    // a full disk must not keep a good configuration from running; the next save tells
  }
  return {std::move(*parsed.config), Source::file, true, {}};
}

ConfigStore::State ConfigStore::fall_back(std::string sentence) {
  broken_ = true;
  why_broken_ = sentence;
  State state;
  state.editable = false;
  std::string kept = "the last good version";
  auto paths = versions();
  for (std::size_t i = paths.size(); i > 0 && !last_good_; --i) {
    if (const auto text = read_file(paths[i - 1], kMost))
      last_good_ = parse_config(*text, paths[i - 1], probes_).config;
    kept = "the last good version, " + paths[i - 1] + ",";
  }
  state.source = last_good_ ? Source::last_good : Source::none;
  if (last_good_) state.config = *last_good_;
  state.sentence = sentence + " Until " + path() + " is corrected, " +
                   (last_good_ ? kept + " runs" : "nothing of it runs and only this host may use the engines") +
                   ", and nothing can be changed from here.";
  return state;
}

ConfigStore::State ConfigStore::replace_broken(UtcTime now) {
  if (later_) throw Error(why_broken_);
  const std::string aside = path() + ".broken";
  if (std::rename(path().c_str(), aside.c_str()) != 0) throw Error("rename", path(), errno);
  broken_ = false;
  text_.reset();
  State state{.source = last_good_ ? Source::last_good : Source::fresh};
  if (last_good_) state.config = *last_good_;
  state.sentence = "The configuration could not be read (" + why_broken_ + ") and was put aside as sonde.xml.broken. " +
                   (last_good_ ? "The last good version runs in its place: look whether the newest change is in it."
                               : "No earlier version is good, so this node begins anew: set it up again.");
  if (last_good_) save(*last_good_, now);
  return state;
}

bool ConfigStore::changed() const {
  try {
    return read_file(path(), kMost) != text_;
  } catch (const Error&) {
    return text_.has_value();
  }
}

void ConfigStore::save(const Config& config, UtcTime now) {
  if (broken_) throw Error(path() + " is not valid; correct it first.");
  if (changed()) throw Error(path() + " was changed by hand meanwhile; nothing was saved. Look at it again.");
  const std::string text = write_config(config, text_.value_or(""), probes_);
  write_file_atomically(path(), text, 0600);
  text_ = text;
  last_good_ = config;
  keep_version(text, now);
}

std::vector<std::string> ConfigStore::versions() const {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder_ + "/config-versions", error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".xml") paths.push_back(it->path().string());
  std::ranges::sort(paths);
  return paths;
}

void ConfigStore::keep_version(const std::string& text, UtcTime now) {
  make_folder(folder_ + "/config-versions", 0700);
  auto paths = versions();
  if (!paths.empty() && read_file(paths.back(), kMost) == text) return;
  write_file_atomically(folder_ + "/config-versions/" + version_name(paths, now), text, 0600);
  for (std::size_t i = 0; i + kVersions <= paths.size(); ++i) std::filesystem::remove(paths[i]);
}

}  // namespace sonde
