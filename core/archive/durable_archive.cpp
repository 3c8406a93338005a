#include "core/archive/durable_archive.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "core/archive/archive_writer.h"
#include "core/archive/intake.h"
#include "core/archive/readers.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostRows = 1000;  ///< of one commit
constexpr auto kGather = 5ms;            ///< how long a first Result waits for others to share its commit
constexpr auto kPatience = 5s;           ///< of every reader
constexpr std::size_t kMostReaders = 16;
constexpr auto kRetry = 1s;  ///< between attempts while the disk is full

const ArchiveOptions& prepared(const ArchiveOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) throw Error("make the archive's folder", options.directory.string(), error.value());
  std::filesystem::permissions(options.directory, std::filesystem::perms::owner_all, error);
  return options;
}

class ArchiveOnDisk final : public DurableArchive {
 public:
  ArchiveOnDisk(ArchiveOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        intake_(options_.queue_octets),
        writer_(prepared(options_), clock, names_),
        result_table_(names_, options_.find_metric),
        event_table_(names_),
        readers_((options_.directory / "journal.db").string(), options_.vfs, kMostReaders, kPatience) {
    state_.results = writer_.results();
    thread_ = std::jthread([this] { work(); });
  }

  ~ArchiveOnDisk() override {
    intake_.stop();
    thread_.join();
  }

  bool store(Result result) override {
    const std::size_t octets = octets_of(result);
    return intake_.push({std::make_shared<const Result>(std::move(result)), {}, {}, octets});
  }
  void store_event(Event event) override {
    const std::size_t octets = sizeof event + event.sentence.size();
    intake_.push({nullptr, std::move(event), {}, octets});
  }
  void on_stored(std::function<void(std::shared_ptr<const Result>)> listener) override {
    const std::scoped_lock lock(listener_mutex_);
    listener_ = std::move(listener);
  }

  std::vector<SeriesInfo> series(const std::string&) const override { return {}; }
  Series fetch(const SeriesKey& key, TimeRange, Duration resolution) const override { return {key, resolution, {}}; }
  Smoke smoke(const std::string&, std::uint32_t, Direction, TimeRange, Duration resolution) const override {
    return {resolution, {}};
  }
  std::vector<std::shared_ptr<const Result>> results(const ResultQuery& query) const override {
    auto journal = readers_.borrow();
    return result_table_.newest(*journal, query);
  }
  std::shared_ptr<const Result> result(const std::string& id) const override {
    auto journal = readers_.borrow();
    return result_table_.by_id(*journal, id);
  }
  std::vector<Event> events(TimeRange range, const std::string& test, std::size_t limit) const override {
    auto journal = readers_.borrow();
    return event_table_.newest(*journal, range, test, limit);
  }
  std::vector<std::uint32_t> revisions(const std::string&) const override { return {}; }
  void delete_test(const std::string&) override {}

  ArchiveState state() const override {
    ArchiveState state;
    {
      const std::scoped_lock lock(state_mutex_);
      state = state_;
    }
    state.queued = intake_.queued();
    state.overflowed = intake_.overflowed();
    return state;
  }
  void flush() override {
    intake_.wait_until_done([this] {
      const std::scoped_lock lock(state_mutex_);
      return !state_.storing;
    });
  }
  void clock_stepped(Duration step, bool believed) override {
    intake_.push_work([this, step, believed] { writer_.clock_stepped(step, believed); });
  }
  void set_disk_limit(std::uint64_t) override {}
  void maintain() override { flush(); }

 private:
  void work() {
    while (true) {
      const auto items = intake_.take(kMostRows, 1000ms, kGather);
      if (items.empty() && intake_.stopped()) return;
      if (items.empty()) continue;
      if (!deal_with(items)) return;
    }
  }

  /// Repeats until it worked; false = told to stop while the disk did not take it.
  bool deal_with(const std::vector<IntakeItem>& items) {
    while (true) {
      try {
        if (items.front().work) {
          items.front().work();
        } else {
          announce(writer_.commit(items));
        }
        resume();
        std::size_t octets = 0;
        for (const IntakeItem& item : items) octets += item.octets;
        intake_.done(items.size(), octets);
        return true;
      } catch (const Error& error) {
        suspend(error);
      }
      if (intake_.stopped()) return false;
      intake_.pause(kRetry);
    }
  }

  void announce(const std::vector<std::shared_ptr<const Result>>& fresh) {
    {
      const std::scoped_lock lock(state_mutex_);
      state_.results = writer_.results();
    }
    std::function<void(std::shared_ptr<const Result>)> listener;
    {
      const std::scoped_lock lock(listener_mutex_);
      listener = listener_;
    }
    if (!listener) return;
    for (const auto& result : fresh) listener(result);
  }

  void suspend(const Error& error) {
    const std::scoped_lock lock(state_mutex_);
    if (!state_.storing) return;
    state_.storing = false;
    const bool full = dynamic_cast<const JournalError*>(&error) != nullptr &&
                      static_cast<const JournalError&>(error).kind() == JournalError::Kind::full;
    state_.sentence = "Storing stopped at " + format_utc(clock_.utc_now(), 0) + " because " +
                      (full ? "the disk of " + options_.directory.string() + " is full"
                            : "the archive in " + options_.directory.string() + " cannot be written: " + error.what()) +
                      ". Measuring goes on and the newest results wait in memory, as many as fit in " +
                      std::to_string(options_.queue_octets >> 20) +
                      " MiB. Make room on that disk; storing resumes by itself.";
    options_.log.error(state_.sentence);
  }

  void resume() {
    const std::scoped_lock lock(state_mutex_);
    if (state_.storing) return;
    state_.storing = true;
    state_.sentence.clear();
    options_.log.info("storing resumed");
  }

  const ArchiveOptions options_;
  const Clock& clock_;
  Names names_;
  Intake intake_;         // everyone -> archive thread
  ArchiveWriter writer_;  // the archive thread's
  ResultTable result_table_;
  EventTable event_table_;
  mutable Readers readers_;
  std::mutex listener_mutex_;
  std::function<void(std::shared_ptr<const Result>)> listener_;
  mutable std::mutex state_mutex_;
  ArchiveState state_;
  std::jthread thread_;  // last: starts when the rest is there
};

}  // namespace

std::unique_ptr<DurableArchive> open_archive(ArchiveOptions options, const Clock& clock) {
  return std::make_unique<ArchiveOnDisk>(std::move(options), clock);
}

}  // namespace sonde
