#pragma once

#include <span>
#include <string>
#include <vector>

#include "appliance/host_places.h"

namespace sonde {

/// Which keys of the configuration may open the remote shell: those that somebody who holds the machine agreed to, at
/// its console or by a set-up file. Standing in the configuration is not enough: the node's user writes that, and
/// whoever took over the node's process would be root by it. Root; the root helper's main thread.
class AcceptedKeys {
 public:
  /// The data partition's list counts; where it has none, the one in use goes there, as with the shell's own key.
  struct Places {
    std::string kept = host::kKeptKeys;
    std::string in_use = host::kKeysInUse;
  };
  AcceptedKeys() = default;
  explicit AcceptedKeys(Places places) : places_(std::move(places)) {}

  /// Which of the asked ones are accepted; the others are waiting(). What was accepted and is not asked any more is
  /// forgotten: a key that was taken away cannot come back by the configuration alone. Throws Error.
  std::vector<std::string> sort(std::span<const std::string> asked);
  /// Accepts those of them that wait; how many. Counts from the next sort() on. Throws Error.
  std::size_t accept(std::span<const std::string> keys);
  const std::vector<std::string>& waiting() const { return waiting_; }

 private:
  std::vector<std::string> read() const;
  void write(std::span<const std::string> keys) const;

  Places places_;
  std::vector<std::string> waiting_;
};

}  // namespace sonde
