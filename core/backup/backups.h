#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/backup/pack.h"
#include "core/backup/places.h"
#include "core/backup/restore.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"

namespace sonde {

/// One of them is made or restored already: try again later.
class BackupBusy : public Error {
 public:
  using Error::Error;
};

/// Backups of the running node, and its way to another state. One thing at a time; safe to call from any thread. What
/// takes long runs at a low priority and ends with stop(). All throw Error with a sentence.
class Backups {
 public:
  struct Parts {
    std::filesystem::path data;
    std::string version;
    const Clock* clock = nullptr;
    Probes probes;
    /// DurableArchive::copy_to
    std::function<void(const std::filesystem::path&, std::stop_token)> copy_archive;
    std::function<std::shared_ptr<const Config>()> config;  ///< the running one
    std::function<std::string(const Config&)> refuse;       ///< as RestoreOptions::refuse
    std::function<void()> restart;                          ///< soon, once the answer is on its way
    Log log;
    std::uint64_t free_floor_octets = 64 << 20;
  };
  explicit Backups(Parts parts) : parts_(std::move(parts)) {}

  enum class Doing : std::uint8_t { nothing, copying, sending, receiving, restarting };
  struct State {
    Doing doing = Doing::nothing;
    std::uint64_t done_octets = 0, total_octets = 0;  ///< unpacked; total 0 = not known yet
    std::uint64_t next_octets = 0;                    ///< about what a backup made now would hold, unpacked
    std::optional<BeforeRestore> before;
  };
  State state() const;

  /// A copy of everything as of one moment, ready to be sent. Gone with the object.
  class Copy {
   public:
    Copy(Backups& home, std::filesystem::path folder) : home_(home), folder_(std::move(folder)) {}
    ~Copy();
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    /// "sonde-NAME-2026-11-21.tar.gz"
    const std::string& file_name() const { return file_name_; }
    /// The whole file into `sink`, which says false when nobody takes it any more.
    void send(const PackWriter::Sink& sink);

   private:
    friend class Backups;
    struct Member {
      std::string name;
      std::filesystem::path path;
      std::uint64_t octets = 0;
    };
    Backups& home_;
    std::filesystem::path folder_;
    std::string file_name_;
    BackupDescription description_;
    std::vector<Member> members_;
  };
  std::shared_ptr<Copy> make_copy();

  /// Checks everything, then restarts the node into it.
  Restored restore(PackReader::Source source, bool same_node);
  void undo();
  bool forget_before();
  /// What runs ends soon with an Error; nothing begins any more.
  void stop() { stop_.request_stop(); }

 private:
  class Turn;
  Turn begin(Doing doing);
  void make_room_for_copy() const;
  Parts parts_;
  std::stop_source stop_;
  std::atomic<Doing> doing_{Doing::nothing};
  std::atomic<std::uint64_t> done_{0}, total_{0};
};

}  // namespace sonde
