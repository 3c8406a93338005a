#include "core/backup/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "core/access/secret.h"
#include "core/archive/archive_check.h"
#include "core/archive/disk.h"
#include "core/backup/places.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/config/config_file.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kMostFiles = 1'000'000;
constexpr std::size_t kNodeIdOctets = 16;

/// A new file that is written from its begin to its end.
class NewFile {
 public:
  explicit NewFile(const fs::path& path) : path_(path) {
    fs::create_directories(path.parent_path());
    number_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (number_ < 0) throw Error("create", path.string(), errno);
  }
  ~NewFile() { ::close(number_); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  void write(std::span<const char> piece) {
    while (!piece.empty()) {
      const auto n = ::write(number_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw Error("write", path_.string(), errno);
      piece = piece.subspan(static_cast<std::size_t>(n));
    }
  }

 private:
  fs::path path_;
  int number_ = -1;
};

std::string mebibytes(std::uint64_t octets) { return std::to_string((octets >> 20) + 1) + " MiB"; }

/// Thrown away again unless it was published.
class Incoming {
 public:
  explicit Incoming(const BackupPlaces& places) : places_(places) {
    if (fs::exists(places.next)) throw Error("A restore waits for the node's next start already.");
    fs::remove_all(places.incoming);
    make_folder(places.incoming.string(), 0700);
  }
  ~Incoming() {
    std::error_code error;
    fs::remove_all(places_.incoming, error);
  }
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  fs::path at(std::string_view name) const { return places_.incoming / name; }
  void publish() {
    sync_disk(places_.incoming);
    if (::rename(places_.incoming.c_str(), places_.next.c_str()) != 0)
      throw Error("rename", places_.incoming.string(), errno);
    sync_disk(places_.data);
  }

 private:
  const BackupPlaces& places_;
};

/// Takes the members in their order and writes them down; knows what may come.
class Unpacking {
 public:
  Unpacking(const RestoreOptions& options, const Incoming& incoming, PackReader& reader)
      : options_(options), incoming_(incoming), reader_(reader) {}

  BackupDescription unpack() {
    const auto first = reader_.next();
    if (!first || first->name != kDescriptionName)
      throw Error("The file is no backup of Sonde: it does not begin with backup.json.");
    const std::string said = text_of(*first);
    description_ = read_description(said, options_.version);
    sums_.emplace(kDescriptionName, sha256_hex(said));
    check_room(description_.octets);
    while (true) {
      const auto member = reader_.next();
      if (!member) throw Error("The backup ends too early: its list of checksums is missing.");
      if (member->name == kSumsName) {
        check_sums(text_of(*member));
        if (reader_.next()) throw Error("After the backup's list of checksums something follows.");
        return description_;
      }
      take(*member);
    }
  }

 private:
  void check_member(const PackReader::Member& member) const {
    const std::uint64_t most = most_octets(member.name);
    if (most == 0 || member.name == kDescriptionName)
      throw Error("The backup holds a file that no backup has: \"" + member.name.substr(0, 100) + "\".");
    if (sums_.contains(member.name)) throw Error("The backup holds " + member.name + " twice.");
    if (sums_.size() >= kMostFiles) throw Error("The backup holds more than a million files.");
    if (member.octets > most)
      throw Error("In the backup " + member.name + " has " + mebibytes(member.octets) + "; allowed are " +
                  mebibytes(most) + ".");
  }

  void check_room(std::uint64_t more) const {
    const std::uint64_t free = options_.free_octets ? options_.free_octets() : free_octets(options_.data);
    if (more + options_.free_floor_octets <= free) return;
    throw Error("The backup needs " + mebibytes(more) + " more on the disk, which has " + mebibytes(free) +
                " left, of which " + mebibytes(options_.free_floor_octets) +
                " must stay free. Make room, or forget what was before the last restore.");
  }

  std::string text_of(const PackReader::Member& member) {
    if (member.octets > most_octets(member.name)) throw Error("In the backup " + member.name + " is too large.");
    std::string text;
    std::array<char, kPiece> piece{};
    while (const std::size_t n = reader_.read(piece)) {
      text.append(piece.data(), n);
      if (text.size() > member.octets) throw Error("In the backup " + member.name + " is longer than it says.");
    }
    if (text.size() != member.octets) throw Error("In the backup " + member.name + " is shorter than it says.");
    return text;
  }

  void take(const PackReader::Member& member) {
    check_member(member);
    check_room(is_series_name(member.name) ? 2 * member.octets : member.octets);
    NewFile file(incoming_.at(member.name));
    Digest digest;
    std::uint64_t got = 0;
    std::array<char, kPiece> piece{};
    while (const std::size_t n = reader_.read(piece)) {
      const auto part = std::span<const char>(piece).first(n);
      got += n;
      octets_ += n;
      if (got > member.octets || octets_ > description_.octets)
        throw Error("In the backup " + member.name + " is longer than it says.");
      digest.add(part);
      file.write(part);
      options_.told(octets_);
    }
    if (got != member.octets) throw Error("In the backup " + member.name + " is shorter than it says.");
    sums_.emplace(member.name, digest.hex());
  }

  void check_sums(const std::string& text) const {
    const auto listed = read_sums(text);
    if (!listed) throw Error("The backup's list of checksums is not valid.");
    for (const auto& [name, sum] : sums_) {
      const auto found = listed->find(name);
      if (found == listed->end()) throw Error("The backup's list of checksums lacks " + name + ".");
      if (found->second != sum) throw Error("In the backup " + name + " is damaged: its checksum is another one.");
    }
    if (listed->size() != sums_.size() || description_.files + 1 != sums_.size() || description_.octets != octets_)
      throw Error("The backup is not whole: a file of its list is missing.");
    for (const std::string_view needed : {kConfigName, kJournalName})
      if (!sums_.contains(needed)) throw Error("The backup is not whole: " + std::string(needed) + " is missing.");
  }

  const RestoreOptions& options_;
  const Incoming& incoming_;
  PackReader& reader_;
  BackupDescription description_;
  Sums sums_;
  std::uint64_t octets_ = 0;
};

/// What the machine here is told to be, now.
std::optional<HostSettings> host_here(const RestoreOptions& options) {
  const auto text = read_file((options.data / kConfigName).string(), kMostConfigOctets);
  ConfigParsed parsed = parse_config(text.value_or(""), kConfigName, options.probes);
  return parsed.config ? std::move(parsed.config->host) : std::nullopt;
}

/// Checks the configuration. A copy has an id of its own and leaves the machine as it is: two of one address would
/// fight.
Config settle_config(const RestoreOptions& options, const fs::path& file) {
  const std::string text = read_file(file.string(), kMostConfigOctets).value_or("");
  ConfigParsed parsed = parse_config(text, "sonde.xml in the backup", options.probes);
  if (!parsed.config) throw Error("The configuration in the backup is not valid: " + parsed.sentence);
  Config config = std::move(*parsed.config);
  if (options.refuse)
    if (const std::string why = options.refuse(config); !why.empty())
      throw Error("The backup's tests do not fit here. " + why);
  if (options.same_node && !config.site.node_id.empty()) return config;
  config.site.node_id = random_hex(kNodeIdOctets);
  if (!options.same_node) config.host = host_here(options);
  write_file_atomically(file.string(), write_config(config, text, options.probes), 0600);
  return config;
}

/// Each series file needs a copy that is as new: without one a damaged file would lose its past.
void copy_series(const fs::path& archive) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(archive / "series"))
    if (entry.is_regular_file()) files.push_back(entry.path());
  for (const fs::path& file : files) {
    const fs::path copy = archive / "copies" / fs::relative(file, archive / "series");
    fs::create_directories(copy.parent_path());
    copy_file_to(file, copy);
  }
}

}  // namespace

Restored stage_restore(const RestoreOptions& options, PackReader::Source source) {
  const BackupPlaces places(options.data);
  Incoming incoming(places);
  try {
    PackReader reader(std::move(source));
    Restored restored;
    restored.description = Unpacking(options, incoming, reader).unpack();
    const Config config = settle_config(options, incoming.at(kConfigName));
    restored.node_id = config.site.node_id;
    restored.tests = config.tests.size();
    fs::permissions(incoming.at("archive"), fs::perms::owner_all);
    fs::create_directories(incoming.at("archive") / "series");
    check_archive(incoming.at("archive"));
    copy_series(incoming.at("archive"));
    incoming.publish();
    return restored;
  } catch (const fs::filesystem_error& error) {
    throw Error("The backup could not be unpacked: " + std::string(error.what()) + ".");
  }
}

}  // namespace sonde
