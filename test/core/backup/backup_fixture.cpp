#include "test/core/backup/backup_fixture.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "core/access/access_store.h"
#include "core/access/secret.h"
#include "core/base/files.h"

namespace sonde::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string packed(const Members& members) {
  std::string file;
  PackWriter pack([&](std::span<const char> piece) {
    file.append(piece.data(), piece.size());
    return true;
  });
  for (const auto& [name, content] : members) {
    pack.begin(name, content.size(), kStart);
    pack.write(content);
  }
  pack.finish();
  return file;
}

PackReader::Source source_of(const std::string& file) {
  return [at = std::size_t{0}, &file](std::span<char> out) mutable -> std::optional<std::size_t> {
    const std::size_t n = std::min(out.size(), file.size() - at);
    std::copy_n(file.data() + at, n, out.data());
    at += n;
    return n;
  };
}

Members unpacked(const std::string& file) {
  Members members;
  PackReader reader(source_of(file));
  while (const auto member = reader.next()) {
    members.emplace_back(member->name, "");
    char piece[4096];
    while (const std::size_t n = reader.read(piece)) members.back().second.append(piece, n);
  }
  return members;
}

std::string resealed(Members members) {
  Sums sums;
  BackupDescription description{.version = "0.1.0", .made = kStart, .node_id = "x", .node_name = "y"};
  for (const auto& [name, content] : members) {
    if (name == kDescriptionName || name == kSumsName) continue;
    sums.emplace(name, sha256_hex(content));
    description.octets += content.size();
    ++description.files;
  }
  const std::string described = write_description(description);
  sums.emplace(kDescriptionName, sha256_hex(described));
  for (auto& [name, content] : members) {
    if (name == kDescriptionName) content = described;
    if (name == kSumsName) content = write_sums(sums);
  }
  return packed(members);
}

BackedUpNode::BackedUpNode(int minutes) : clock(kStart + std::chrono::minutes(minutes) + 30min) {
  ConfigStore store(folder.path().string(), {});
  store.load(kStart);
  config.set_up = true;
  config.site = {.node_id = "00112233445566778899aabbccddeeff", .name = "gva.example.org"};
  store.save(config, kStart);
  save_access(folder.path() / "access.json",
              {{User{"1", "alice", Role::administrator, "scrypt:not-a-real-hash-but-searched-for", kStart, {}}},
               {Token{"2", "grafana", Role::viewer, {}, sha256_hex("sonde_x"), kStart, kStart + 1h, {}, "alice"}}});
  archive = open_archive({.directory = folder.path() / "archive"}, clock);
  for (int minute = 0; minute < minutes; ++minute) archive->store(owamp_minute(minute));
  archive->store(ping_run(kStart + 5min));
  archive->maintain();
  backups = std::make_unique<Backups>(Backups::Parts{
      .data = folder.path(),
      .version = "0.1.0",
      .clock = &clock,
      .copy_archive = [this](const fs::path& to, std::stop_token stop) { archive->copy_to(to, std::move(stop)); },
      .config = [this] { return std::make_shared<const Config>(config); },
      .restart = [this] { ++restarts; }});
}

std::string BackedUpNode::backup() {
  std::string file;
  backups->make_copy()->send([&](std::span<const char> piece) {
    file.append(piece.data(), piece.size());
    return true;
  });
  return file;
}

std::vector<std::pair<std::string, std::string>> contents_of(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (!entry.is_regular_file() || name.ends_with("-wal") || name.ends_with("-shm")) continue;
    found.emplace_back(name, read_file(entry.path().string(), 1 << 30).value_or(""));
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace sonde::test
