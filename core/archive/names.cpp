#include "core/archive/names.h"

#include <mutex>

namespace sonde {

Names::Id Names::id_of(std::string_view word) {
  if (const Id known = find(word); known != kUnknown) return known;
  const std::unique_lock lock(mutex_);
  if (const auto found = ids_.find(word); found != ids_.end()) return found->second;
  words_.emplace_back(word);
  const Id id = static_cast<Id>(words_.size());
  ids_.emplace(words_.back(), id);
  return id;
}

Names::Id Names::id_of(const Metric& metric) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = metrics_.find(&metric); found != metrics_.end()) return found->second;
  }
  const Id id = id_of(metric.key);
  const std::unique_lock lock(mutex_);
  metrics_.emplace(&metric, id);
  return id;
}

Names::Id Names::find(std::string_view word) const {
  const std::shared_lock lock(mutex_);
  const auto found = ids_.find(word);
  return found == ids_.end() ? kUnknown : found->second;
}

std::string_view Names::word(Id id) const {
  const std::shared_lock lock(mutex_);
  return id == 0 || id > words_.size() ? std::string_view{} : words_[id - 1];
}

void Names::load(Id id, std::string word) {
  const std::unique_lock lock(mutex_);
  while (words_.size() + 1 < id) words_.emplace_back();
  words_.push_back(std::move(word));
  ids_.emplace(words_.back(), id);
  durable_ = id;
}

std::vector<Names::Entry> Names::pending() const {
  const std::shared_lock lock(mutex_);
  std::vector<Entry> entries;
  for (Id id = durable_ + 1; id <= words_.size(); ++id) entries.push_back({id, words_[id - 1]});
  return entries;
}

void Names::written(Id id) {
  const std::unique_lock lock(mutex_);
  if (id > durable_) durable_ = id;
}

}  // namespace sonde
