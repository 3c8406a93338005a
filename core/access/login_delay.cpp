#include "core/access/login_delay.h"

#include <algorithm>

namespace sonde {
namespace {

using std::chrono::seconds;
constexpr std::size_t kMost = 4096;
constexpr int kFree = 3;
constexpr Duration kForget = std::chrono::hours(1);
constexpr Duration kMostForSource = seconds(60), kMostForAccount = seconds(10);

}  // namespace

Duration LoginDelay::left(const Table& table, const std::string& key, Duration most) const {
  const auto found = table.find(key);
  if (found == table.end() || found->second.count < kFree) return {};
  const Duration delay = std::min<Duration>(most, seconds(1) * (1 << std::min(found->second.count - kFree, 6)));
  return std::max(Duration::zero(), found->second.last + delay - clock_.steady_now());
}

Duration LoginDelay::wait(const std::string& account, const std::string& source) const {
  const std::lock_guard lock(mutex_);
  const Duration by_source = left(sources_, source, kMostForSource);
  if (known_.contains({account, source})) return by_source;
  return std::max(by_source, left(accounts_, account, kMostForAccount));
}

void LoginDelay::count(Table& table, const std::string& key) {
  const SteadyTime now = clock_.steady_now();
  if (table.size() >= kMost) std::erase_if(table, [&](const auto& entry) { return now - entry.second.last > kForget; });
  if (table.size() >= kMost && !table.contains(key))
    table.erase(std::ranges::min_element(table, {}, [](const auto& entry) { return entry.second.last; }));
  Failures& failures = table[key];
  if (now - failures.last > kForget) failures.count = 0;
  ++failures.count;
  failures.last = now;
}

void LoginDelay::failed(const std::string& account, const std::string& source) {
  const std::lock_guard lock(mutex_);
  count(accounts_, account);
  count(sources_, source);
}

void LoginDelay::succeeded(const std::string& account, const std::string& source) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(account);
  sources_.erase(source);
  if (known_.size() >= kMost) known_.erase(known_.begin());
  known_.emplace(account, source);
}

}  // namespace sonde
