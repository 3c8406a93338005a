#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "appliance/host_slots.h"
#include "core/base/log.h"
#include "web/fetcher.h"
#include "web/machine.h"

namespace sonde {

/// The one file of an upgrade on its way to the root helper: it comes from a browser or an address, waits in a file
/// that only the node writes, and is put where the helper looks for it only once its signature is right. Any thread.
class StagedImage {
 public:
  struct Parts {
    SlotPlaces places;                       ///< where the file waits, and whose signatures are believed
    std::function<std::uint64_t()> room;     ///< octets that may be written there now
    std::function<web::FetchRules()> rules;  ///< for each fetch anew
    Log log;
  };
  explicit StagedImage(Parts parts);
  ~StagedImage();  ///< ends a fetch

  /// As Machine::take_image, fetch_image.
  std::optional<Problem> take(const Machine::Reader& read, std::uint64_t octets, bool older);
  std::optional<Problem> fetch(const std::string& url, bool older);
  /// Ends what comes and deletes what came; `failed` (a sentence) is told from then on, empty = nothing is.
  void drop(const std::string& failed = {});
  /// Ends a fetch and waits for its end.
  void stop();
  MachineImage view() const;

 private:
  class File;
  std::optional<Problem> begin(const std::string& from, std::uint64_t octets, std::size_t& turn);
  bool grow(std::size_t turn, std::uint64_t octets);
  /// Judges what came, and puts it where the helper looks for it or deletes it.
  std::optional<Problem> finish(std::size_t turn, bool older);
  std::optional<Problem> give_up(std::size_t turn, int status, const std::string& sentence);
  void run_fetch(const std::string& url, bool older, std::size_t turn, const std::stop_token& stop);
  std::string part() const { return parts_.places.staged + ".part"; }

  const Parts parts_;
  mutable std::mutex mutex_;
  MachineImage now_;      // guarded by mutex_
  std::size_t turn_ = 0;  // guarded by mutex_; what belongs to an earlier turn was dropped
  std::mutex fetch_mutex_;
  std::jthread fetch_;  // guarded by fetch_mutex_
};

/// What may be written beside the data: of a partition what is free, less a reserve; in memory what the machine can
/// spare.
std::uint64_t staging_room(const std::string& folder, bool in_memory);

}  // namespace sonde
