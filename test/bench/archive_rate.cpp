// How many Results a second the archive makes durable: minutes of a continuous OWAMP test (two directions of 600
// packets, 82 statistics with their intervals, two delay histograms; no packets), stored as fast as the queue takes
// them, counted as they are announced. Series files and merged histograms are written meanwhile, as far as they come to
// it.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "core/archive/durable_archive.h"
#include "core/archive/result_coding.h"
#include "core/base/random.h"
#include "core/statistics/delay_histogram.h"
#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int kPaths = 20;  ///< each has files of about 77 MB
constexpr auto kTime = 10s;

/// Delays around 13 ms with a queue's tail: about 200 bins.
Result typical_minute() {
  Result r = owamp_minute(1);
  auto random = seeded_random(1);
  for (DirectionResult& d : r.directions) {
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 600; ++i) {
      const double u = random->unit();
      delays.push_back(13'000'000 + static_cast<std::int64_t>(150'000 * u * u + (i % 20 == 0 ? 2e6 * u : 0)));
    }
    d.histogram = DelayHistogram::of(delays, {.bound = 400us, .same_clock = false}).encode();
  }
  return r;
}

std::string numbered(std::uint64_t n) {
  char text[27];
  std::snprintf(text, sizeof text, "01BENCH%019llu", static_cast<unsigned long long>(n));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = std::filesystem::path(argc > 1 ? argv[1] : ".") / "archive_rate.tmp";
  std::filesystem::remove_all(folder);
  const Result minute = typical_minute();
  Names names;
  std::fprintf(stderr, "one Result: %zu statistics, %zu octets stored; folder %s\n", minute.statistics.size(),
               encode_result(minute, names).size(), folder.c_str());
  double rate = 0;
  std::uint64_t stored = 0;
  {
    SetClock clock(kStart);
    auto archive = open_archive({.directory = folder}, clock);
    std::atomic<std::uint64_t> announced{0};
    archive->on_stored([&](const auto&) { ++announced; });
    const auto store_next = [&] {
      Result r = minute;
      r.id = numbered(stored);
      r.test = "path" + std::to_string(stored % kPaths);
      r.begin = kStart + static_cast<std::int64_t>(stored / kPaths) * 1min;
      r.end = r.begin + 1min;
      clock.set(r.end + 1min);
      while (!archive->store(r)) std::this_thread::sleep_for(1ms);
      ++stored;
    };
    while (stored < kPaths) store_next();  // the files of a path are made once
    archive->flush();
    const auto begin = Steady::now();
    while (Steady::now() - begin < kTime) store_next();
    while (announced < stored) std::this_thread::sleep_for(1ms);
    rate = static_cast<double>(stored - kPaths) / std::chrono::duration<double>(Steady::now() - begin).count();
  }
  std::filesystem::remove_all(folder);
  std::printf("durable results a second (OWAMP minutes)\t%.0f\t>= 20,000\n", rate);
  return 0;
}
