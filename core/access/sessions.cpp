#include "core/access/sessions.h"

#include <algorithm>

#include "core/access/secret.h"

namespace sonde {
namespace {

constexpr std::size_t kMost = 1000, kMostOfUser = 20;

}  // namespace

Duration Sessions::left(const Entry& entry, SteadyTime now) const {
  return std::min(entry.used + kIdle, entry.begun + kLongest) - now;
}

/// The least recently used one goes: of the same user first, so that nobody pushes others out.
void Sessions::make_room(const std::string& user, SteadyTime now) {
  std::erase_if(entries_, [&](const auto& entry) { return left(entry.second, now) <= Duration::zero(); });
  const auto of_user = [&](const auto& entry) { return entry.second.user == user; };
  const bool own = static_cast<std::size_t>(std::ranges::count_if(entries_, of_user)) >= kMostOfUser;
  if (!own && entries_.size() < kMost) return;
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it)
    if ((!own || of_user(*it)) && (oldest == entries_.end() || it->second.used < oldest->second.used)) oldest = it;
  entries_.erase(oldest);
}

Sessions::Begun Sessions::begin(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  make_room(user, now);
  const Begun begun{random_hex(16), random_hex(16), kIdle};
  entries_[sha256_hex(begun.id)] = {user, begun.csrf, now, now};
  return begun;
}

std::optional<Sessions::Session> Sessions::find(std::string_view id) {
  if (id.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(sha256_hex(id));
  if (found == entries_.end()) return std::nullopt;
  const SteadyTime now = clock_.steady_now();
  if (left(found->second, now) <= Duration::zero()) {
    entries_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return Session{found->second.user, found->second.csrf, left(found->second, now)};
}

bool Sessions::lives(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(sha256_hex(id));
  return found != entries_.end() && left(found->second, clock_.steady_now()) > Duration::zero();
}

void Sessions::end(std::string_view id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(sha256_hex(id));
}

void Sessions::end_all_of(const std::string& user) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.user == user; });
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace sonde
