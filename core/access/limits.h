#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/config_store.h"

namespace sonde {

/// Who may use an engine, and how much of it.
struct Allowance {
  bool allowed = false;
  std::uint32_t packets_per_second = 0, seconds = 0, streams = 0, sessions = 0;
  std::uint64_t octets_per_day = 0;
  std::string why;                     ///< a sentence for the log and the page: which row, or why none
  std::uint32_t seconds_per_hour = 0;  ///< of the slot for heavy tests
};

/// The one table source prefix × engine. A plain value, immutable: safe to read from any thread. Fails closed.
class Limits {
 public:
  enum class State : std::uint8_t {
    no_configuration,  ///< before set-up: loopback everything, on-link networks the light engines
    configured,        ///< the table decides; the last good one while the file is broken
    absent,            ///< set up without a table, or broken without a last good one: loopback only
  };
  Limits() = default;
  /// `on_link` = own networks as the interfaces have them.
  Limits(const Config& config, ConfigStore::Source source, std::vector<Prefix> on_link);

  /// `engine` is "owamp", "ping", "twamp", "stamp" or "throughput". The longest matching prefix decides; of equal ones
  /// the row that names the engine. Loopback may use everything unless a row says otherwise.
  Allowance lookup(std::string_view engine, const IpAddress& source) const;
  State state() const { return state_; }
  std::string sentence() const;

 private:
  State state_ = State::absent;
  std::vector<EngineRule> rules_;
};

/// Prefixes of the networks that the interfaces are on, without loopback and host bits.
std::vector<Prefix> on_link_networks(const std::vector<InterfaceState>& interfaces);

}  // namespace sonde
