#include "core/archive/intake.h"

#include <algorithm>

namespace sonde {

std::size_t octets_of(const Result& r) {
  std::size_t octets =
      sizeof r + r.sentence.size() + 128 * r.parameters.size() + sizeof(Statistic) * r.statistics.size();
  for (const DirectionResult& d : r.directions)
    octets += sizeof d + d.histogram.size() + sizeof(PacketRecord) * d.packets.size();
  for (const LogLine& line : r.log) octets += sizeof line + line.text.size();
  return octets;
}

bool Intake::push(IntakeItem item) {
  {
    const std::scoped_lock lock(mutex_);
    if (octets_ + item.octets > limit_) {
      ++overflowed_;
      return false;
    }
    octets_ += item.octets;
    ++pushed_;
    items_.push_back(std::move(item));
  }
  arrived_.notify_one();
  return true;
}

void Intake::push_work(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    ++pushed_;
    ++works_;
    items_.push_back({{}, {}, std::move(work), 0});
  }
  arrived_.notify_one();
}

void Intake::wait_until_done(const std::function<bool()>& give_up) {
  std::unique_lock lock(mutex_);
  const std::uint64_t goal = pushed_;
  while (done_ < goal && !stopped_ && !give_up()) finished_.wait_for(lock, std::chrono::milliseconds(20));
}

std::vector<IntakeItem> Intake::take(std::size_t most, std::chrono::milliseconds patience,
                                     std::chrono::milliseconds gather) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, patience, [&] { return !items_.empty() || stopped_; });
  if (!items_.empty() && !items_.front().work)
    arrived_.wait_for(lock, gather, [&] { return items_.size() >= most || items_.back().work || stopped_; });
  std::vector<IntakeItem> taken;
  while (!items_.empty() && taken.size() < most) {
    const bool work = static_cast<bool>(items_.front().work);
    if (work && !taken.empty()) break;
    taken.push_back(std::move(items_.front()));
    items_.pop_front();
    if (work) {
      --works_;
      break;
    }
  }
  return taken;
}

void Intake::done(std::size_t items, std::size_t octets) {
  {
    const std::scoped_lock lock(mutex_);
    done_ += items;
    octets_ -= std::min(octets, octets_);
  }
  finished_.notify_all();
}

void Intake::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  arrived_.notify_all();
  finished_.notify_all();
}

bool Intake::stopped() const {
  const std::scoped_lock lock(mutex_);
  return stopped_;
}

void Intake::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, time, [&] { return stopped_; });
}

bool Intake::has_work() const {
  const std::scoped_lock lock(mutex_);
  return works_ > 0;
}

std::uint64_t Intake::queued() const {
  const std::scoped_lock lock(mutex_);
  return pushed_ - done_;
}

std::uint64_t Intake::overflowed() const {
  const std::scoped_lock lock(mutex_);
  return overflowed_;
}

}  // namespace sonde
