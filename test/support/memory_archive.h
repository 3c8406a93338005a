#pragma once

#include <mutex>

#include "core/archive/archive.h"

namespace sonde::test {

/// Keeps Results and events in memory, stored the moment they come. Has no series: fetch() gives the values of the
/// Results themselves. Safe to call from any thread.
class MemoryArchive final : public Archive {
 public:
  bool store(Result result) override;
  void store_event(Event event) override;
  void on_stored(std::function<void(std::shared_ptr<const Result>)> listener) override;
  std::vector<SeriesInfo> series(const std::string& test) const override;
  Series fetch(const SeriesKey& key, TimeRange range, Duration resolution) const override;
  Smoke smoke(const std::string& test, std::uint32_t revision, Direction direction, TimeRange range,
              Duration resolution) const override;
  std::vector<std::shared_ptr<const Result>> results(const ResultQuery& query) const override;
  std::shared_ptr<const Result> result(const std::string& id) const override;
  std::vector<Event> events(TimeRange range, const std::string& test, std::size_t limit) const override;
  std::vector<std::uint32_t> revisions(const std::string& test) const override;
  void delete_test(const std::string& test) override;
  ArchiveState state() const override;
  void flush() override {}

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Result>> results_;  // guarded by mutex_
  std::vector<Event> events_;                           // guarded by mutex_
  std::function<void(std::shared_ptr<const Result>)> listener_;
};

}  // namespace sonde::test
