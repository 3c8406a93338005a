#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/archive/journal.h"

namespace sonde {

/// Read connections for everyone but the archive thread. A borrowed one answers for at most `patience`, then throws
/// JournalError late, so that no reader keeps the write-ahead log from being emptied. Safe to call from any thread.
class Readers {
 public:
  Readers(std::string path, std::string vfs, std::size_t most, std::chrono::milliseconds patience);

  class Lease {
   public:
    Lease(Readers& home, std::unique_ptr<Journal> journal) : home_(&home), journal_(std::move(journal)) {}
    Lease(Lease&&) = default;
    ~Lease();
    Journal& operator*() { return *journal_; }
    Journal* operator->() { return journal_.get(); }

   private:
    Readers* home_;
    std::unique_ptr<Journal> journal_;
  };
  /// Waits for a free connection as long as it may be used. Throws JournalError late.
  Lease borrow();

 private:
  void give_back(std::unique_ptr<Journal> journal);

  const std::string path_, vfs_;
  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Journal>> idle_;
  std::size_t made_ = 0;
};

}  // namespace sonde
