#pragma once

#include <mutex>

#include "test/support/memory_archive.h"
#include "web/view.h"

namespace sonde::test {

/// Results and events in memory, and made-up series: every test has "delay.p50" forward and a smoke of ten points.
class CannedArchive final : public Archive {
 public:
  MemoryArchive memory;
  bool store(Result result) override { return memory.store(std::move(result)); }
  void store_event(Event event) override { memory.store_event(std::move(event)); }
  void on_stored(std::function<void(std::shared_ptr<const Result>)> listener) override {
    memory.on_stored(std::move(listener));
  }
  std::vector<SeriesInfo> series(const std::string& test) const override;
  Series fetch(const SeriesKey& key, TimeRange range, Duration resolution) const override;
  Smoke smoke(const std::string& test, std::uint32_t revision, Direction direction, TimeRange range,
              Duration resolution) const override;
  std::vector<std::shared_ptr<const Result>> results(const ResultQuery& query) const override {
    return memory.results(query);
  }
  std::shared_ptr<const Result> result(const std::string& id) const override { return memory.result(id); }
  std::vector<Event> events(TimeRange range, const std::string& test, std::size_t limit) const override {
    return memory.events(range, test, limit);
  }
  std::vector<std::uint32_t> revisions(const std::string& test) const override { return memory.revisions(test); }
  void delete_test(const std::string& test) override { memory.delete_test(test); }
  ArchiveState state() const override { return memory.state(); }
  void flush() override {}
};

/// A node that applies changes at once and measures nothing. Safe to call from any thread but set().
class FakeNode final : public Node {
 public:
  FakeNode();
  std::shared_ptr<const Snapshot> snapshot() const override;
  const Archive& archive() const override { return canned; }
  std::span<const ProbeType* const> probes() const override;
  Log log() const override { return {}; }
  std::future<std::optional<Problem>> change(Edit edit, std::optional<std::uint64_t> if_revision) override;
  std::future<Queued> run_now(const std::string& test, const std::string& requester) override;
  std::future<std::optional<Problem>> stop_run(const std::string& run) override;
  std::future<PeerCheck> check_peer(const std::string& address) override;
  std::future<std::optional<Problem>> delete_test(const std::string& test) override;
  DiskBudget budget(const TestSpec& spec) const override;
  std::future<std::optional<Problem>> mend(const std::string& finding) override;
  SetupFacts setup_facts() const override { return facts; }
  void listen(Listener listener) override;

  /// Changes the picture as it likes, without rules.
  void set(const std::function<void(Snapshot&)>& edit);
  void set_config(const std::function<void(Config&)>& edit);
  CannedArchive canned;
  SetupFacts facts;  ///< of an ordinary host; set before anybody asks
  Listener listener;
  std::vector<std::string> mended;  ///< findings, in order
  std::string refuse_changes;       ///< a sentence: every change is refused with 503
  static constexpr UtcTime kNow = utc_from_seconds(1'800'000'000);

 private:
  mutable std::mutex mutex_;
  Snapshot now_;  // guarded by mutex_
};

/// One minute of a continuous two-way test, with packets of which one was lost.
Result sample_result(const std::string& id, const std::string& test, UtcTime begin = FakeNode::kNow);

}  // namespace sonde::test
