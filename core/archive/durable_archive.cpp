#include "core/archive/durable_archive.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "core/archive/committer.h"
#include "core/archive/intake.h"
#include "core/archive/keeper.h"
#include "core/archive/readers.h"
#include "core/archive/room.h"
#include "core/archive/route_coding.h"
#include "core/archive/series_reader.h"
#include "core/archive/smoke_reader.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kMostRows = 1000;  ///< of one commit
constexpr auto kGather = 5ms;            ///< how long a first Result waits for others to share its commit
constexpr auto kPatience = 5s;           ///< of every reader
constexpr std::size_t kMostReaders = 16;
constexpr auto kRetry = 1s;  ///< between attempts while the disk is full
constexpr std::size_t kMostBacklog = 5000;
constexpr int kNice = 10;                 ///< of the series thread: packets and commits go first
constexpr auto kTurn = 1000ms;            ///< between turns when nothing is stored
constexpr auto kHouse = 2s, kLook = 60s;  ///< between house-keeping, between walks through all files

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
        strands_(names_),
        files_(prepared(options_).directory),
        keeper_(options_, write_gate_, clock, names_, strands_, files_, backlog_),
        committer_(options_, write_gate_, names_, strands_, backlog_),
        result_table_(names_, options_.find_metric),
        event_table_(names_),
        smoke_reader_(clock, strands_, result_table_),
        series_reader_(clock, names_, strands_, files_, result_table_, smoke_reader_),
        readers_((options_.directory / "journal.db").string(), options_.vfs, kMostReaders, kPatience),
        room_({options_.directory, options_.disk_limit_octets, options_.free_floor_octets, options_.free_octets}) {
    results_ = keeper_.count_results();
    archive_thread_ = std::thread([this] { work(); });
    series_thread_ = std::thread([this] { work_behind(); });
  }

  ~ArchiveOnDisk() override {
    intake_.stop();
    archive_thread_.join();
    behind_.stop();
    series_thread_.join();
  }

  bool store(Result result) override {
    const std::size_t octets = octets_of(result);
    return intake_.push({std::make_shared<const Result>(std::move(result)), {}, {}, octets});
  }
  void store_event(Event event) override {
    const std::size_t octets =
        sizeof event + event.sentence.size() + (event.routes ? encode_route_change(*event.routes).size() : 0);
    intake_.push({nullptr, std::move(event), {}, octets});
  }
  void on_stored(std::function<void(std::shared_ptr<const Result>)> listener) override {
    const std::scoped_lock lock(listener_mutex_);
    listener_ = std::move(listener);
  }

  std::vector<SeriesInfo> series(const std::string& test) const override {
    return is_deleted(test) ? std::vector<SeriesInfo>{} : series_reader_.series(test);
  }
  Series fetch(const SeriesKey& key, TimeRange range, Duration resolution) const override {
    if (is_deleted(key.test)) return {key, std::max(resolution, Duration{1s}), {}};
    auto journal = readers_.borrow();
    return series_reader_.fetch(*journal, key, range, resolution);
  }
  Smoke smoke(const std::string& test, std::uint32_t revision, Direction direction, TimeRange range,
              Duration resolution) const override {
    if (is_deleted(test)) return {std::max(resolution, Duration{1s}), {}};
    auto journal = readers_.borrow();
    return smoke_reader_.smoke(*journal, test, revision, direction, range, resolution);
  }
  std::vector<std::shared_ptr<const Result>> results(const ResultQuery& query) const override {
    auto journal = readers_.borrow();
    auto results = result_table_.newest(*journal, query);
    std::erase_if(results, [this](const auto& result) { return is_deleted(result->test); });
    return results;
  }
  std::shared_ptr<const Result> result(const std::string& id) const override {
    auto journal = readers_.borrow();
    auto result = result_table_.by_id(*journal, id);
    return result && is_deleted(result->test) ? nullptr : result;
  }
  std::vector<Event> events(TimeRange range, const std::string& test, std::size_t limit) const override {
    auto journal = readers_.borrow();
    return event_table_.newest(*journal, range, test, limit);
  }
  std::vector<std::uint32_t> revisions(const std::string& test) const override {
    return is_deleted(test) ? std::vector<std::uint32_t>{} : strands_.revisions(test);
  }
  void delete_test(const std::string& test) override {
    const std::scoped_lock lock(deleted_mutex_);
    deleted_.insert(test);
    intake_.push_work([this, test] { behind_.push_work([this, test] { keeper_.delete_test(test); }); });
  }

  ArchiveState state() const override {
    ArchiveState state;
    {
      const std::scoped_lock lock(state_mutex_);
      state = state_;
    }
    state.used_octets = room_.used();
    state.free_octets = room_.free();
    state.limit_octets = room_.limit();
    state.clock_ahead = keeper_.clock_ahead();
    state.results = results_;
    state.queued = intake_.queued();
    state.overflowed = intake_.overflowed();
    return state;
  }
  void flush() override { settle(false); }
  void clock_stepped(Duration step, bool believed) override {
    intake_.push_work([this, step, believed] { committer_.clock_stepped(step, believed); });
  }
  void copy_to(const std::filesystem::path& folder, std::stop_token stop) override {
    const auto copied = std::make_shared<std::promise<void>>();
    auto future = copied->get_future();
    behind_.push_work([this, folder, stop, copied] {
      try {
        keeper_.copy_to(folder, stop);
        copied->set_value();
      } catch (...) {
        copied->set_exception(std::current_exception());
      }
    });
    try {
      future.get();
    } catch (const std::future_error&) {
      throw Error("The archive is being closed; nothing was copied.");
    }
  }
  void set_disk_limit(std::uint64_t octets) override { room_.set_limit(octets); }
  void maintain() override { settle(true); }

 private:
  /// Not while the disk takes nothing.
  void settle(bool house) {
    const auto give_up = [this] {
      const std::scoped_lock lock(state_mutex_);
      return !state_.storing;
    };
    intake_.wait_until_done(give_up);
    behind_.push_work([this, house] { try_to([&] { return keeper_.settle(house), false; }); });
    behind_.wait_until_done(give_up);
  }

  /// The archive thread: commits, and nothing that could keep it from the next commit.
  void work() {
    pthread_setname_np(pthread_self(), "archive");
    while (true) {
      const auto items = intake_.take(kMostRows, kTurn, kGather);
      if (items.empty() && intake_.stopped()) return;
      if (!items.empty() && !deal_with(items)) return;
    }
  }

  /// The series thread: everything behind the commits.
  void work_behind() {
    pthread_setname_np(pthread_self(), "series");
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
    auto next_house = Steady::now(), next_look = next_house + kLook;
    bool busy = false;
    while (!behind_.stopped()) {
      for (const auto& item : behind_.take(1, busy ? 0ms : kTurn, 0ms)) {
        try_to([&] { return item.work(), false; });
        behind_.done(1, 0);
      }
      busy = try_to([&] { return keeper_.work_on(); });
      if (Steady::now() >= next_look) {
        room_.measure();
        next_look = Steady::now() + kLook;
      }
      if (Steady::now() < next_house) continue;
      next_house = Steady::now() + kHouse;
      try_to([&] { return keeper_.keep_house(); });
    }
  }

  /// Repeats until it worked; false = told to stop while the disk did not take it.
  bool deal_with(const std::vector<IntakeItem>& items) {
    while (true) {
      try {
        deal_with_once(items);
        resume();
        std::size_t octets = 0;
        for (const IntakeItem& item : items) octets += item.octets;
        intake_.done(items.size(), octets);
        return true;
      } catch (const std::exception& error) {
        suspend(error);
      }
      if (intake_.stopped()) return false;
      intake_.pause(kRetry);
      room_.measure();
    }
  }

  void deal_with_once(const std::vector<IntakeItem>& items) {
    if (items.front().work) return items.front().work();
    if (const std::string refusal = room_.refusal(); !refusal.empty())
      throw JournalError(refusal, JournalError::Kind::full);
    announce(committer_.commit(items));
  }

  /// Work behind the commits: what fails is told and tried again later.
  template <typename Work>
  bool try_to(Work work) {
    try {
      const bool more = work();
      forget_deleted();
      return more;
    } catch (const std::exception& error) {
      options_.log.error("the archive could not carry on behind storing", {{"reason", error.what()}});
      return false;
    }
  }

  bool is_deleted(const std::string& test) const {
    const std::scoped_lock lock(deleted_mutex_);
    return deleted_.contains(test);
  }
  void forget_deleted() {
    const std::scoped_lock lock(deleted_mutex_);
    if (!deleted_.empty() && !intake_.has_work() && !behind_.has_work())
      std::erase_if(deleted_, [this](const std::string& test) { return !keeper_.is_deleting(test); });
  }

  void announce(const std::vector<std::shared_ptr<const Result>>& fresh) {
    results_ += fresh.size();
    std::function<void(std::shared_ptr<const Result>)> listener;
    {
      const std::scoped_lock lock(listener_mutex_);
      listener = listener_;
    }
    if (!listener) return;
    for (const auto& result : fresh) listener(result);
  }

  void suspend(const std::exception& error) {
    const std::scoped_lock lock(state_mutex_);
    if (!state_.storing) return;
    state_.storing = false;
    const auto* journal = dynamic_cast<const JournalError*>(&error);
    const bool full = journal != nullptr && journal->kind() == JournalError::Kind::full;
    std::string cause = room_.refusal();
    if (cause.empty() && full) cause = "the disk of " + options_.directory.string() + " is full";
    if (cause.empty()) cause = "the archive in " + options_.directory.string() + " cannot be written: " + error.what();
    state_.sentence = "Storing stopped at " + format_utc(clock_.utc_now(), 0) + " because " + cause +
                      ". Measuring goes on, and results wait in memory as far as they fit in " +
                      std::to_string(options_.queue_octets >> 20) +
                      " MiB. Make room on that disk or raise the limit; storing then resumes by itself.";
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
  Intake intake_;                  // everyone -> archive thread
  Intake behind_{0};               // everyone -> series thread: work only
  Backlog backlog_{kMostBacklog};  // archive thread -> series thread
  Strands strands_;
  SeriesFiles files_;
  std::mutex write_gate_;  // between their transactions
  Keeper keeper_;          // the series thread's; before the committer, which needs the catalogue
  Committer committer_;    // the archive thread's
  ResultTable result_table_;
  EventTable event_table_;
  SmokeReader smoke_reader_;
  SeriesReader series_reader_;
  mutable Readers readers_;
  Room room_;
  mutable std::mutex deleted_mutex_;
  std::set<std::string> deleted_;  // tests whose data is being deleted: hidden at once
  std::mutex listener_mutex_;
  std::function<void(std::shared_ptr<const Result>)> listener_;
  mutable std::mutex state_mutex_;
  ArchiveState state_;
  std::atomic<std::uint64_t> results_{0};
  std::thread archive_thread_, series_thread_;  // last: they start when the rest is there
};

}  // namespace

std::unique_ptr<DurableArchive> open_archive(ArchiveOptions options, const Clock& clock) {
  return std::make_unique<ArchiveOnDisk>(std::move(options), clock);
}

}  // namespace sonde
