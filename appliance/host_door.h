#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "appliance/worker.h"
#include "core/base/log.h"
#include "core/config/config.h"
#include "core/setup/facts.h"

namespace sonde {

/// The node's side of the live appliance's root helper. Any thread; what waits for the helper has a thread of its own.
class HostDoor {
 public:
  explicit HostDoor(Log log) : log_(std::move(log)) {}

  /// The configuration is another one: what the machine is told by it is put in force, unless none of that changed.
  void running(const std::shared_ptr<const Config>& config);
  /// Has the helper apply a row of the tuning table; empty = done, else why not. Waits for it.
  std::optional<std::string> mend(std::string_view row) const;
  /// What is wrong with the machine and must be mended, as the helper wrote it down; waits for nobody.
  std::string trouble() const;
  /// What only the appliance knows: that the machine is ours, and where data may be kept.
  void add(SetupFacts& facts) const;
  /// Data are to be kept there: at once where nothing is lost by it, else a sentence. Waits for the helper.
  std::optional<std::string> keep_data_on(const std::string& device);

 private:
  Log log_;
  std::shared_ptr<const Config> applied_;
  Worker worker_;  // last: its task uses the rest
};

}  // namespace sonde
