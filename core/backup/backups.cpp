#include "core/backup/backups.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include "core/access/secret.h"
#include "core/archive/disk.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kNice = 10;  ///< packets and commits go first

/// Runs it on a thread of low priority and waits; what it throws comes out here.
template <typename Work>
void run_nicely(const Work& work) {
  std::exception_ptr failed;
  std::thread([&] {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
    try {
      work();
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
}

/// Letters, digits, '-' and '.' of a name, for a file's.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 64))
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.') text += c;
  return text.empty() ? "node" : text;
}

const char* word(Backups::Doing doing) {
  switch (doing) {
    case Backups::Doing::receiving:
      return "A backup is being restored on this node";
    case Backups::Doing::restarting:
      return "The node is about to start anew";
    default:
      return "A backup of this node is being made";
  }
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : size;
}

/// Without the copies, which a backup does not need: the size that readers see, not what the disk gives.
std::uint64_t size_of_archive(const fs::path& archive) {
  std::uint64_t octets = size_of(archive / "journal.db") + size_of(archive / "journal.db-wal");
  std::error_code error;
  for (fs::recursive_directory_iterator it(archive / "series", error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error)) octets += size_of(it->path());
  return octets;
}

}  // namespace

/// Nothing else begins while it lives.
class Backups::Turn {
 public:
  explicit Turn(Backups& home) : home_(&home) {}
  Turn(Turn&& other) noexcept : home_(std::exchange(other.home_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (home_ != nullptr) home_->doing_ = Doing::nothing;
  }
  void keep() { home_ = nullptr; }

 private:
  Backups* home_;
};

Backups::Turn Backups::begin(Doing doing) {
  Doing now = Doing::nothing;
  if (stop_.stop_requested()) throw BackupBusy("The node is stopping; try again when it runs.");
  if (!doing_.compare_exchange_strong(now, doing))
    throw BackupBusy(std::string(word(now)) + ": wait for its end and try again.");
  done_ = total_ = 0;
  return Turn(*this);
}

Backups::State Backups::state() const {
  return {doing_, done_, total_, size_of_archive(parts_.data / "archive"), before_restore(parts_.data)};
}

void Backups::make_room_for_copy() const {
  const std::uint64_t wanted = size_of_archive(parts_.data / "archive") + parts_.free_floor_octets;
  const std::uint64_t free = free_octets(parts_.data);
  if (free < wanted)
    throw Error("A backup needs a copy of the archive for a moment: " + std::to_string(wanted >> 20) +
                " MiB on the disk of " + parts_.data.string() + ", which has " + std::to_string(free >> 20) +
                " MiB left. Make room first.");
}

std::shared_ptr<Backups::Copy> Backups::make_copy() {
  Turn turn = begin(Doing::copying);
  const BackupPlaces places(parts_.data);
  make_room_for_copy();
  fs::remove_all(places.copy);
  make_folder(places.copy.string(), 0700);
  auto copy = std::make_shared<Copy>(*this, places.copy);
  turn.keep();  // the copy ends it
  const auto add = [&](const std::string& name) {
    const fs::path path = places.copy / name;
    if (fs::exists(path)) copy->members_.push_back({name, path, fs::file_size(path)});
  };
  for (const std::string_view name : {kConfigName, kAsTableName})
    if (fs::exists(parts_.data / name)) copy_file_to(parts_.data / name, places.copy / name);
  make_folder((places.copy / "archive/series").string(), 0700);
  run_nicely([&] { parts_.copy_archive(places.copy / "archive", stop_.get_token()); });
  for (const std::string_view name : {kConfigName, kAsTableName, kJournalName}) add(std::string(name));
  std::vector<std::string> series;
  for (const auto& entry : fs::recursive_directory_iterator(places.copy / "archive/series"))
    if (entry.is_regular_file()) series.push_back(fs::relative(entry.path(), places.copy).string());
  std::ranges::sort(series);
  for (const std::string& name : series) add(name);
  const auto config = parts_.config();
  BackupDescription& d = copy->description_;
  d = {.version = parts_.version,
       .made = parts_.clock->utc_now(),
       .node_id = config->site.node_id,
       .node_name = config->site.name,
       .files = copy->members_.size()};
  for (const auto& member : copy->members_) d.octets += member.octets;
  copy->file_name_ = "sonde-" + plain(d.node_name) + "-" + format_utc(d.made, 0).substr(0, 10) + ".tar.gz";
  total_ = d.octets;
  parts_.log.info("a backup is made", {{"octets", std::to_string(d.octets)}});
  return copy;
}

Backups::Copy::~Copy() {
  std::error_code error;
  fs::remove_all(folder_, error);
  home_.doing_ = Doing::nothing;
}

void Backups::Copy::send(const PackWriter::Sink& sink) {
  home_.doing_ = Doing::sending;
  run_nicely([&] {
    PackWriter pack(sink);
    const auto text = [&](std::string_view name, const std::string& content) {
      pack.begin(std::string(name), content.size(), description_.made);
      pack.write(content);
    };
    const std::string description = write_description(description_);
    text(kDescriptionName, description);
    Sums sums = {{std::string(kDescriptionName), sha256_hex(description)}};
    std::array<char, kPiece> piece{};
    for (const Member& member : members_) {
      pack.begin(member.name, member.octets, description_.made);
      std::ifstream in(member.path, std::ios::binary);
      Digest digest;
      for (std::uint64_t left = member.octets; left > 0;) {
        if (home_.stop_.stop_requested()) throw Error("The node is stopping: the backup was broken off.");
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece));
        if (!in.read(piece.data(), static_cast<std::streamsize>(wanted)))
          throw Error("The copy of " + member.name + " cannot be read: the backup was broken off.");
        const auto part = std::span<const char>(piece).first(wanted);
        digest.add(part);
        pack.write(part);
        left -= wanted;
        home_.done_ += wanted;
      }
      sums.emplace(member.name, digest.hex());
    }
    text(kSumsName, write_sums(sums));
    pack.finish();
  });
}

Restored Backups::restore(PackReader::Source source, bool same_node) {
  Turn turn = begin(Doing::receiving);
  Restored restored;
  const auto bounded = [&](std::span<char> out) -> std::optional<std::size_t> {
    if (stop_.stop_requested()) return std::nullopt;
    return source(out);
  };
  run_nicely([&] {
    restored = stage_restore({.data = parts_.data,
                              .version = parts_.version,
                              .probes = parts_.probes,
                              .same_node = same_node,
                              .refuse = parts_.refuse,
                              .free_floor_octets = parts_.free_floor_octets,
                              .told = [&](std::uint64_t octets) { done_ = octets; }},
                             bounded);
  });
  parts_.log.warning("a backup is restored: the node starts anew with it",
                     {{"made", format_utc(restored.description.made, 0)}, {"node", restored.description.node_name}});
  doing_ = Doing::restarting;
  turn.keep();
  parts_.restart();
  return restored;
}

void Backups::undo() {
  Turn turn = begin(Doing::restarting);
  undo_restore(parts_.data);
  parts_.log.warning("the state before the last restore comes back: the node starts anew");
  turn.keep();
  parts_.restart();
}

bool Backups::forget_before() {
  const Turn turn = begin(Doing::receiving);
  return forget_before_restore(parts_.data);
}

}  // namespace sonde
