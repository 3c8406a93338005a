#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/host_facts.h"
#include "core/host/host_reading.h"

namespace sonde {

/// One thing about a host that the live appliance changes so that it measures well. The table is the only place where
/// such values stand: the appliance changes nothing of the kernel's that is not in it.
struct TuningRow {
  enum class Kind : std::uint8_t { setting, queueing, receive_ring, lro, receive_wait, governor, idle };
  /// When what is there is good enough, and what is written else.
  enum class Rule : std::uint8_t {
    exactly,
    at_least,  ///< numbers, each by itself: what is larger stays
    at_most,   ///< numbers: what is smaller stays
    has_words  ///< words are added to those that are there
  };
  std::string_view key;  ///< the setting's name, or "nic.receive_ring"; a word that never changes
  std::string_view title;
  Kind kind = Kind::setting;
  Rule rule = Rule::exactly;
  std::string_view value;  ///< with words for what is not a number: "the most that the NIC has"
  std::string_view why;
  bool at_boot = true;  ///< false: only by the button, because it costs something
};

std::span<const TuningRow> tuning_table();
/// Null where there is no such row.
const TuningRow* tuning_row(std::string_view key);

/// What a row is now, as the facts say.
struct TuningState {
  const TuningRow* row = nullptr;
  std::string now;    ///< in words, each interface or core by name where they differ; "not offered here"
  bool meets = true;  ///< nothing to do
  bool known = true;  ///< false: this host does not show it
};
TuningState state_of(const TuningRow& row, const HostFacts& facts);
std::vector<TuningState> tuning_states(const HostFacts& facts);

struct TuningOutcome {
  bool done = true;      ///< what could be set is set; also when nothing was to do
  std::string sentence;  ///< what was changed, or why it could not be
};
/// Changes the host as the row says, which needs the rights of root; changes nothing that is good enough already. For
/// cores and NICs: all of them, also NICs that have no address yet, and `done` only if none refused. Never throws.
TuningOutcome apply(const TuningRow& row, const HostSources& sources);
/// All rows that are for the boot, in order.
std::vector<TuningOutcome> apply_at_boot(const HostSources& sources);

/// "net.core.rmem_max" as the path of its file.
std::string setting_file(const HostRoots& roots, std::string_view name);
/// Whether a setting's text is good enough by the row's rule.
bool is_good_enough(const TuningRow& row, const std::string& now);
/// What is to be written where `now` is not good enough.
std::string wanted_text(const TuningRow& row, const std::string& now);

/// Whether all that the NIC sends goes through queues of this kind.
bool sends_by(const NicFacts& nic, std::string_view kind);

/// What the table wants of cores and NICs, for rows whose value is a number.
inline constexpr std::uint32_t kReceiveWaitUs = 10;  ///< a receive interrupt's wait
inline constexpr Duration kDeepIdle =
    std::chrono::microseconds(50);  ///< a core that takes longer to wake sleeps too deep

}  // namespace sonde
