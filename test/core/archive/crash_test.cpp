#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "core/archive/durable_archive.h"
#include "core/archive/journal.h"
#include "core/archive/series_files.h"
#include "core/base/random.h"
#include "test/core/archive/archive_fixture.h"
#include "test/support/faulty_disk.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

/// Ids as they are announced. Safe to use from any thread.
class Announced {
 public:
  void listen(Archive& archive) {
    archive.on_stored([this](std::shared_ptr<const Result> r) {
      const std::scoped_lock lock(mutex_);
      ids_.push_back(r->id);
    });
  }
  std::vector<std::string> ids() const {
    const std::scoped_lock lock(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;
};

/// Cuts, overwrites or empties a file, as a torn one may look.
void tear(const std::filesystem::path& file, Random& random) {
  if (!std::filesystem::exists(file)) return;
  const auto size = std::filesystem::file_size(file);
  if (random.below(3) == 0) return std::filesystem::resize_file(file, random.below(size));
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  for (int i = 0; i < 20; ++i) {
    out.seekp(static_cast<std::streamoff>(random.below(random.below(2) == 0 ? 4096 : size)));
    for (int j = 0; j < 64; ++j) out.put(static_cast<char>(random.below(256)));
  }
}

/// The files that the last run was changing, by the disk's own account.
std::vector<std::filesystem::path> touched_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  const SeriesFiles files(folder);
  Journal journal((folder / "journal.db").string(), Journal::Mode::write);
  for (auto rows = journal.query("SELECT strand, part, kind FROM touching"); rows.next();)
    paths.push_back(
        files.path({rows.number(0), static_cast<int>(rows.number(1)), static_cast<FileKind>(rows.number(2))}));
  return paths;
}

void check_everything_is_there(DurableArchive& archive, const std::vector<std::string>& announced) {
  std::multiset<std::string> stored;
  for (const auto& r : archive.results({.limit = 100'000})) stored.insert(r->id);
  for (const auto& id : announced) CHECK(stored.count(id) == 1);
  // Every stored minute is a point of the series, and nothing else is.
  archive.flush();
  for (const char* metric : {"delay.min", "packets.lost"}) {
    const auto points =
        archive.fetch({"path1", 1, metric, Direction::forward, ""}, {kStart, kStart + 1000min}, 1min).points;
    CHECK(points.size() == stored.size());
  }
  const auto hours =
      archive.fetch({"path1", 1, "packets.sent", Direction::forward, ""}, {kStart, kStart + 1000min}, 1h).points;
  double sent = 0;
  for (const Point& point : hours) sent += point.value.value_or(0);
  CHECK(sent == Approx(600.0 * static_cast<double>(stored.size())));
}

}  // namespace

TEST_CASE("after a power failure at any write, every announced Result is there once and every series is whole") {
  std::size_t failures = 0, torn = 0, announced_in_all = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    MemoryFolder folder;
    SetClock clock(kStart + 1000min);
    FaultyDisk disk(seed);
    auto random = seeded_random(seed);
    std::vector<std::string> announced;
    int minute = 0;
    for (int life = 0; life < 3; ++life) {
      Announced heard;
      auto archive = open_archive({.directory = folder.path(), .vfs = disk.name()}, clock);
      heard.listen(*archive);
      disk.fail_after(1 + random->below(400));
      for (int batch = 0; batch < 40 && !disk.failed(); ++batch) {
        for (auto n = 1 + random->below(5); n > 0; --n) archive->store(owamp_minute(minute++));
        random->below(3) == 0 ? archive->maintain() : archive->flush();
      }
      archive.reset();
      for (const auto& id : heard.ids()) announced.push_back(id);
      failures += disk.failed();
      disk.restart();
      for (const auto& file : touched_files(folder.path())) {
        tear(file, *random);
        ++torn;
      }
    }
    announced_in_all += announced.size();
    auto archive = open_archive({.directory = folder.path()}, clock);
    check_everything_is_there(*archive, announced);
  }
  // The test would prove nothing if the power rarely failed, or never while files were being changed.
  CHECK(failures > 60);
  CHECK(torn > 60);
  CHECK(announced_in_all > 500);
}

TEST_CASE("after kill -9 at random moments every announced Result is there once") {
  MemoryFolder folder;
  SetClock clock(kStart + 10'000min);
  auto random = seeded_random(11);
  std::vector<std::string> announced;
  for (int life = 0; life < 20; ++life) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      auto archive = open_archive({.directory = folder.path()}, clock);
      archive->on_stored([&](std::shared_ptr<const Result> r) {
        if (write(pipe_ends[1], r->id.data(), 26) != 26) _exit(1);
      });
      for (int i = 0; i < 100'000; ++i) {
        archive->store(owamp_minute(life * 400 + i % 400));
        std::this_thread::sleep_for(1ms);
      }
      _exit(0);
    }
    close(pipe_ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random->below(250)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    char id[26];
    while (read(pipe_ends[0], id, sizeof id) == sizeof id) announced.emplace_back(id, sizeof id);
    close(pipe_ends[0]);
  }
  REQUIRE(announced.size() > 100);
  auto archive = open_archive({.directory = folder.path()}, clock);
  std::multiset<std::string> stored;
  for (const auto& r : archive->results({.limit = 100'000})) stored.insert(r->id);
  for (const auto& id : announced) CHECK(stored.count(id) == 1);
  archive->flush();
  std::size_t points = 0;
  for (int day = 0; day < 7; ++day)
    points += archive
                  ->fetch({"path1", 1, "delay.min", Direction::forward, ""},
                          {kStart + day * 24h, kStart + (day + 1) * 24h}, 1min)
                  .points.size();
  CHECK(points == stored.size());
}

TEST_CASE("a series file that is garbage is made anew from its copy and the journal") {
  MemoryFolder folder;
  SetClock clock(kStart);
  auto archive = open_archive({.directory = folder.path()}, clock);
  auto random = seeded_random(3);
  const auto points = [&] {
    return archive->fetch({"path1", 1, "delay.min", Direction::forward, ""}, {kStart, kStart + 2000min}, 1min).points;
  };
  for (int minute = 0; minute < 1600; ++minute) {
    clock.set(kStart + (minute + 1) * 1min);
    archive->store(owamp_minute(minute));
    if (minute == 1500) archive->maintain();  // more than a day has gone by: copies are made
  }
  archive->flush();
  REQUIRE(points().size() == 1600);
  archive.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() / "series"))
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 1000);
  archive = open_archive({.directory = folder.path()}, clock);
  points();  // finds out
  clock.set(kStart + 1602 * 1min);
  archive->store(owamp_minute(1600));
  archive->flush();
  CHECK(points().size() == 1601);
}
