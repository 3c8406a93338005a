#include "core/archive/readers.h"

namespace sonde {

Readers::Readers(std::string path, std::string vfs, std::size_t most, std::chrono::milliseconds patience)
    : path_(std::move(path)), vfs_(std::move(vfs)), most_(most), patience_(patience) {}

Readers::Lease::~Lease() {
  if (journal_) home_->give_back(std::move(journal_));
}

Readers::Lease Readers::borrow() {
  std::unique_ptr<Journal> journal;
  {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, patience_, [&] { return !idle_.empty() || made_ < most_; }))
      throw JournalError("The archive is busy: too many others are reading from it; try again.",
                         JournalError::Kind::late);
    if (idle_.empty()) {
      ++made_;
    } else {
      journal = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!journal) {
    try {
      journal = std::make_unique<Journal>(path_, Journal::Mode::read, vfs_);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      --made_;
      throw;
    }
  }
  journal->allow(patience_);
  return {*this, std::move(journal)};
}

void Readers::give_back(std::unique_ptr<Journal> journal) {
  {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(journal));
  }
  free_.notify_one();
}

}  // namespace sonde
