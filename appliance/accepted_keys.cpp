#include "appliance/accepted_keys.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "core/base/files.h"
#include "core/host/host_reading.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

/// Sixteen keys of four kilobytes, and room to spare.
constexpr std::size_t kMost = 256 << 10;

std::string text_of(std::span<const std::string> keys) {
  std::string text;
  for (const std::string& key : keys) text += key + "\n";
  return text;
}

void write_if_other(const std::string& path, const std::string& text) {
  if (read_start(path, kMost).value_or("") == text) return;
  make_folder(fs::path(path).parent_path(), 0700);
  write_file_atomically(path, text, 0600);
}

}  // namespace

std::vector<std::string> AcceptedKeys::read() const {
  const auto kept = read_start(places_.kept, kMost);
  std::istringstream text(kept ? *kept : read_start(places_.in_use, kMost).value_or(""));
  std::vector<std::string> keys;
  for (std::string line; std::getline(text, line);) keys.push_back(line);
  return keys;
}

void AcceptedKeys::write(std::span<const std::string> keys) const {
  const std::string text = text_of(keys);
  write_if_other(places_.in_use, text);
  write_if_other(places_.kept, text);
}

std::vector<std::string> AcceptedKeys::sort(std::span<const std::string> asked) {
  const auto accepted = read();
  std::vector<std::string> open;
  waiting_.clear();
  for (const std::string& key : asked) (std::ranges::count(accepted, key) != 0 ? open : waiting_).push_back(key);
  write(open);
  return open;
}

std::size_t AcceptedKeys::accept(std::span<const std::string> keys) {
  auto accepted = read();
  const auto before = accepted.size();
  for (const std::string& key : keys)
    if (std::ranges::count(waiting_, key) != 0 && std::ranges::count(accepted, key) == 0) accepted.push_back(key);
  write(accepted);
  return accepted.size() - before;
}

}  // namespace sonde
