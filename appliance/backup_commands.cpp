#include "appliance/backup_commands.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iostream>

#include "appliance/data_folder.h"
#include "appliance/disk_rule.h"
#include "appliance/local_client.h"
#include "appliance/version.h"
#include "core/access/access_store.h"
#include "core/backup/places.h"
#include "core/backup/restore.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

/// "12 MB so far", at most once a second and on a terminal only.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress() {
    if (shown_) std::cerr << '\n';
  }
  void tell(std::uint64_t octets) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ || isatty(STDERR_FILENO) == 0) return;
    next_ = now + std::chrono::seconds(1);
    shown_ = true;
    std::cerr << '\r' << what_ << ": " << octets / 1'000'000 << " MB so far " << std::flush;
  }

 private:
  const std::string what_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  bool shown_ = false;
};

std::string sentence_of(const LocalAnswer& answer) {
  const JsonParsed parsed = parse_json(answer.body);
  const Json* sentence = parsed.value ? parsed.value->find("sentence") : nullptr;
  return sentence != nullptr ? sentence->text : "The node answered with status " + std::to_string(answer.status) + ".";
}

bool node_runs(const fs::path& data) {
  try {
    return ask_node(data, "GET", "/api/v1/health").status > 0;
  } catch (const Error&) {
    return false;
  }
}

/// A download that broke off ends in the middle: the list of checksums is missing.
void check_whole(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  PackReader reader([&](std::span<char> out) -> std::optional<std::size_t> {
    in.read(out.data(), static_cast<std::streamsize>(out.size()));
    return static_cast<std::size_t>(in.gcount());
  });
  std::string last;
  while (const auto member = reader.next()) last = member->name;
  if (last != kSumsName) throw Error("The backup broke off; nothing was kept of it. The node's log says why.");
}

int print(const LocalAnswer& answer) {
  (answer.status < 300 ? std::cout : std::cerr) << sentence_of(answer) << '\n';
  return answer.status < 300 ? 0 : 1;
}

PackReader::Source source_of(std::ifstream& in) {
  return [&in](std::span<char> out) -> std::optional<std::size_t> {
    in.read(out.data(), static_cast<std::streamsize>(out.size()));
    if (in.bad()) return std::nullopt;
    return static_cast<std::size_t>(in.gcount());
  };
}

int restore_offline(const fs::path& data, const RestoreOrder& order, std::span<const ProbeType* const> catalogue) {
  const DataFolder folder(data);
  if (load_access((folder.path() / "access.json").string()).users.empty())
    throw Error("A backup holds no users: start this node and set it up first, then restore.");
  std::ifstream in(order.file, std::ios::binary);
  Progress progress("restoring");
  const auto refuse = [&](const Config& config) {
    const auto refused = refuse_beyond_disk(Config{}, config, catalogue, 0);
    return refused ? refused->sentence : std::string();
  };
  stage_restore({.data = folder.path(),
                 .version = std::string(version()),
                 .probes = catalogue,
                 .same_node = order.as == "same",
                 .refuse = refuse,
                 .told = [&](std::uint64_t octets) { progress.tell(octets); }},
                source_of(in));
  std::cout << "Everything in the backup is whole. It takes its place when the node starts.\n";
  return 0;
}

int undo(const fs::path& data) {
  if (node_runs(data)) return print(ask_node(data, "POST", "/api/v1/backup/undo"));
  const DataFolder folder(data);
  undo_restore(folder.path());
  std::cout << "What was before the restore takes its place when the node starts.\n";
  return 0;
}

}  // namespace

int write_backup(const fs::path& data, const std::string& file) {
  const std::string part = file + ".part";
  if (fs::exists(file)) throw Error(file + " is there already: name another file, or remove it.");
  const int number = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (number < 0) throw Error("create", part, errno);
  ::close(number);
  try {
    std::ofstream out(part, std::ios::binary | std::ios::in | std::ios::out);
    std::uint64_t octets = 0;
    Progress progress("backup");
    const LocalAnswer answer = fetch_from_node(data, "/api/v1/backup", [&](std::span<const char> piece) {
      if (!out.write(piece.data(), static_cast<std::streamsize>(piece.size())))
        throw Error(part + " could not be written: its disk may be full.");
      progress.tell(octets += piece.size());
    });
    if (answer.status >= 300) throw Error(sentence_of(answer));
    out.close();
    if (!out) throw Error(part + " could not be written: its disk may be full.");
    check_whole(part);
    if (::rename(part.c_str(), file.c_str()) != 0) throw Error("rename", part, errno);
    std::cout << "Backup in " << file << " (" << octets
              << " bytes). Passwords, tokens and the certificate's key are not in it.\n";
    return 0;
  } catch (...) {
    ::unlink(part.c_str());
    throw;
  }
}

int restore_backup(const fs::path& data, const RestoreOrder& order, std::span<const ProbeType* const> catalogue) {
  if (order.undo) return undo(data);
  if (order.file.empty()) throw Error("Name the backup's file, or --undo.");
  if (order.as.empty())
    throw Error(
        "Is this the same node or a copy? --as same: it goes on as the node that was backed up, which must not run any "
        "more. --as copy: it gets an id of its own.");
  if (!fs::is_regular_file(order.file)) throw Error("There is no file " + order.file + ".");
  if (!node_runs(data)) return restore_offline(data, order, catalogue);
  std::ifstream in(order.file, std::ios::binary);
  Progress progress("sending");
  return print(send_to_node(data, "/api/v1/backup/restore?as=" + order.as, in, fs::file_size(order.file),
                            [&](std::uint64_t sent) { progress.tell(sent); }));
}

}  // namespace sonde
