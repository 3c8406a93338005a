#include "core/statistics/baseline.h"

#include <catch2/catch.hpp>

#include "test/core/statistics/generated_year.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using Samples = std::vector<BaselineSample>;

namespace {

constexpr UtcTime kNow = GeneratedYear::kFirst + 40 * 24h;

BaselineSample delay_at(UtcTime time, double value) {
  return {.time = time, .value = value, .lost = 0, .measured = 100, .clock_bound = Duration::zero()};
}

/// n Results, one each step, that end before kNow; number i (the oldest is 0) has the value of(i).
template <typename F>
Samples past(int n, Duration step, F of) {
  Samples samples;
  for (int i = 0; i < n; ++i) samples.push_back(delay_at(kNow - (n - i) * step, of(i)));
  return samples;
}

Samples recent(const std::vector<double>& values, Duration step = 5min) {
  Samples samples;
  for (const double value : values) {
    samples.push_back(delay_at(kNow + static_cast<std::int64_t>(samples.size()) * step, value));
  }
  return samples;
}

BaselineSample packets_at(UtcTime time, std::uint64_t lost, std::uint64_t measured) {
  return {.time = time, .value = {}, .lost = lost, .measured = measured, .clock_bound = {}};
}

Baseline steady(double value = 10e-3) {
  return build_baseline(SeriesKind::delay, past(1000, 5min, [&](int) { return value; }), kNow);
}

Verdict verdict(const Baseline& baseline, const Samples& samples) { return judge(baseline, samples).verdict; }

}  // namespace

TEST_CASE("fewer than 200 results are learning, throughput and routes fewer than 24") {
  const auto of = [](SeriesKind kind, int n) {
    Samples samples = past(n, 5min, [](int) { return 1e-2; });
    return build_baseline(kind, samples, kNow).learning;
  };
  CHECK(of(SeriesKind::delay, 199));
  CHECK_FALSE(of(SeriesKind::delay, 200));
  CHECK(of(SeriesKind::loss, 199));
  CHECK_FALSE(of(SeriesKind::loss, 200));
  CHECK(of(SeriesKind::throughput, 23));
  CHECK_FALSE(of(SeriesKind::throughput, 24));
  CHECK(of(SeriesKind::route, 23));
  CHECK_FALSE(of(SeriesKind::route, 24));
}

TEST_CASE("the baseline is the trailing 28 days and nothing of the judged time itself") {
  Samples samples{delay_at(kNow - 28 * 24h - 1ns, 1), delay_at(kNow - 28 * 24h, 2), delay_at(kNow - 1ns, 3),
                  delay_at(kNow, 4), delay_at(kNow + 1h, 5)};
  const Baseline baseline = build_baseline(SeriesKind::delay, samples, kNow);
  CHECK(baseline.results == 2);
  CHECK(baseline.at(kNow).p10 == 2);
  CHECK(baseline.at(kNow).p95 == 3);
}

TEST_CASE("results during own heavy tests, without a value or by invalid clocks are not normal") {
  Samples samples = past(400, 5min, [](int) { return 10e-3; });
  for (std::size_t i = 0; i < 300; i += 3) {
    samples[i].value = 1.0;
    samples[i].heavy = true;
    samples[i + 1].value.reset();
    samples[i + 2].value = 2.0;
    samples[i + 2].clock_valid = false;
  }
  const Baseline baseline = build_baseline(SeriesKind::delay, samples, kNow);
  CHECK(baseline.results == 100);
  CHECK(baseline.learning);
  CHECK(baseline.at(kNow).p95 == 10e-3);
}

TEST_CASE("with 7 days of past only the same hour of the day ± 1 h counts, before that all hours") {
  const auto by_hour = [](int days) {
    Samples samples;
    for (UtcTime t = kNow - days * 24h; t < kNow; t += 10min) {
      samples.push_back(delay_at(t, static_cast<double>((t.time_since_epoch() % 24h) / 1h)));
    }
    return build_baseline(SeriesKind::delay, samples, kNow);
  };
  const Baseline six = by_hour(6), seven = by_hour(7);
  CHECK_FALSE(six.at(kNow + 5h).this_hour_only);
  CHECK(six.at(kNow + 5h).p10 == 2);
  CHECK(six.at(kNow + 5h).p95 == 22);
  CHECK(seven.at(kNow + 5h).this_hour_only);
  CHECK(seven.at(kNow + 5h).p10 == 4);
  CHECK(seven.at(kNow + 5h).p95 == 6);
  // Midnight's neighbours are 23 and 1.
  CHECK(seven.at(kNow).results == 3 * 6 * 7);
  CHECK(seven.at(kNow).p50 == 1);
  CHECK(seven.at(kNow).p95 == 23);
  CHECK(seven.at(kNow - 1ns).p95 == 23);
}

TEST_CASE("the hour filter applies only where it leaves 20 results, and does not decide about learning") {
  // Nineteen at five o'clock, all others at noon.
  Samples samples;
  for (int day = 1; day <= 19; ++day) samples.push_back(delay_at(kNow - day * 24h + 5h, 5));
  for (int i = 0; i < 300; ++i) samples.push_back(delay_at(kNow - 20 * 24h + 12h + i * 1s, 12));
  Baseline baseline = build_baseline(SeriesKind::delay, samples, kNow);
  CHECK_FALSE(baseline.learning);
  CHECK_FALSE(baseline.at(kNow + 5h).this_hour_only);
  CHECK(baseline.at(kNow + 5h).p50 == 12);
  samples.push_back(delay_at(kNow - 20 * 24h + 6h, 5));
  baseline = build_baseline(SeriesKind::delay, samples, kNow);
  CHECK(baseline.at(kNow + 5h).this_hour_only);
  CHECK(baseline.at(kNow + 5h).p50 == 5);
}

TEST_CASE("while learning, only no answer, loss of 1 % and an invalid clock colour") {
  const Baseline learning = build_baseline(SeriesKind::delay, past(199, 5min, [](int) { return 10e-3; }), kNow);
  CHECK(verdict(learning, recent({1, 1, 1, 1})) == Verdict::learning);
  Samples silent = recent({10e-3, 10e-3});
  silent.back().answered = false;
  silent.back().value.reset();
  CHECK(verdict(learning, silent) == Verdict::no_answer);
  Samples doubtful = recent({10e-3, 10e-3});
  doubtful.back().clock_valid = false;
  CHECK(verdict(learning, doubtful) == Verdict::clock_invalid);
  Samples lossy = recent({10e-3, 10e-3});
  lossy.back().lost = 1;
  CHECK(verdict(learning, lossy) == Verdict::learning);
  lossy.front().lost = 1;
  CHECK(verdict(learning, lossy) == Verdict::lossy);
}

TEST_CASE("without recent results nothing is said") {
  CHECK(verdict(steady(), {}) == Verdict::nothing);
  Samples heavy = recent({10e-3});
  heavy.front().heavy = true;
  CHECK(verdict(steady(), heavy) == Verdict::nothing);
}

TEST_CASE("delay is worse only in three consecutive results") {
  CHECK(verdict(steady(), recent({20e-3, 20e-3}, 20min)) == Verdict::normal);
  CHECK(verdict(steady(), recent({20e-3, 20e-3, 20e-3}, 20min)) == Verdict::worse);
  CHECK(verdict(steady(), recent({20e-3, 10e-3, 20e-3, 20e-3}, 20min)) == Verdict::normal);
  CHECK(verdict(steady(), recent({20e-3, 20e-3, 20e-3, 10e-3}, 20min)) == Verdict::normal);
}

TEST_CASE("delay is judged by the median of the last 15 min, so that single slow results do not count") {
  CHECK(verdict(steady(), recent({10e-3, 20e-3, 10e-3, 10e-3, 20e-3, 10e-3, 10e-3, 20e-3})) == Verdict::normal);
  // 5 min apart, three lie in the window: the second slow one turns the median, two more make three in a row.
  CHECK(verdict(steady(), recent({10e-3, 10e-3, 20e-3, 20e-3, 20e-3})) == Verdict::normal);
  CHECK(verdict(steady(), recent({10e-3, 10e-3, 20e-3, 20e-3, 20e-3, 20e-3})) == Verdict::worse);
  CHECK(*judge(steady(), recent({1, 10e-3, 11e-3, 12e-3})).value == 11e-3);
  CHECK(*judge(steady(), recent({1, 20e-3, 10e-3, 20e-3})).value == 20e-3);
}

TEST_CASE("the margin above the baseline's p95 is the greatest of clock bound, 5 % and 0.2 ms") {
  const auto limit = [](double level, Duration bound) {
    Samples samples = recent({level, level, level});
    for (auto& sample : samples) sample.clock_bound = bound;
    return *judge(steady(level), samples).limit;
  };
  CHECK(limit(1e-3, 0us) == Approx(1.2e-3));
  CHECK(limit(100e-3, 0us) == Approx(105e-3));
  CHECK(limit(1e-3, 3ms) == Approx(4e-3));
  CHECK(limit(-100e-3, 0us) == Approx(-95e-3));
  CHECK(verdict(steady(100e-3), recent({104e-3, 104e-3, 104e-3}, 20min)) == Verdict::normal);
  CHECK(verdict(steady(100e-3), recent({106e-3, 106e-3, 106e-3}, 20min)) == Verdict::worse);
  CHECK(verdict(steady(-100e-3), recent({-90e-3, -90e-3, -90e-3}, 20min)) == Verdict::worse);
}

TEST_CASE("results during heavy tests neither raise nor end an alarm") {
  Samples samples = recent({20e-3, 20e-3, 10e-3, 20e-3}, 20min);
  CHECK(verdict(steady(), samples) == Verdict::normal);
  samples[2].heavy = true;
  CHECK(verdict(steady(), samples) == Verdict::worse);
  for (auto& sample : samples) sample.heavy = true;
  samples[2].heavy = false;
  CHECK(verdict(steady(), samples) == Verdict::normal);
}

TEST_CASE("loss is worse when its Wilson interval lies above the baseline's") {
  Samples normal;
  for (int i = 1; i <= 1000; ++i) normal.push_back(packets_at(kNow - i * 1min, i % 100 == 0, 600));
  const Baseline baseline = build_baseline(SeriesKind::loss, normal, kNow);
  const auto minutes = [](std::uint64_t lost) {
    Samples samples;
    for (int i = 0; i < 20; ++i) samples.push_back(packets_at(kNow + i * 1min, lost, 600));
    return samples;
  };
  CHECK(verdict(baseline, minutes(0)) == Verdict::normal);
  CHECK(verdict(baseline, minutes(1)) == Verdict::worse);
  Samples one = minutes(0);
  one.back().lost = 3;
  CHECK(verdict(baseline, one) == Verdict::normal);
  // One very bad minute stays in the window: worse once three Results say so.
  Samples burst = minutes(0);
  burst.back().lost = 300;
  CHECK(verdict(baseline, burst) == Verdict::normal);
  for (int i = 20; i < 22; ++i) burst.push_back(packets_at(kNow + i * 1min, 0, 600));
  CHECK(verdict(baseline, burst) == Verdict::worse);
  const Judgement judgement = judge(baseline, minutes(1));
  CHECK(*judgement.value == Approx(1.0 / 600));
  CHECK(*judgement.normal == Approx(10.0 / 600'000));
  CHECK(*judgement.limit > *judgement.normal);
}

TEST_CASE("one lost packet on a path that never lost any is not yet worse, most of a run is") {
  Samples normal;
  for (int i = 1; i <= 500; ++i) normal.push_back(packets_at(kNow - i * 1h, 0, 100));
  const Baseline baseline = build_baseline(SeriesKind::loss, normal, kNow);
  CHECK(verdict(baseline, {packets_at(kNow, 1, 100)}) == Verdict::normal);
  // 5 % is above what a hundred packets without loss leave open, but its own interval is not.
  CHECK(*judge(baseline, std::vector{packets_at(kNow, 5, 100)}).limit < 0.05);
  CHECK(verdict(baseline, {packets_at(kNow, 5, 100)}) == Verdict::normal);
  CHECK(verdict(baseline, {packets_at(kNow, 60, 100)}) == Verdict::worse);
  CHECK(verdict(baseline, {packets_at(kNow - 1h, 60, 100), packets_at(kNow, 0, 100)}) == Verdict::normal);
}

TEST_CASE("throughput is worse when two consecutive runs fall below 80 % of the baseline's p10") {
  const Baseline baseline =
      build_baseline(SeriesKind::throughput, past(100, 1h, [](int i) { return i % 10 == 0 ? 500e6 : 900e6; }), kNow);
  CHECK(*judge(baseline, recent({900e6})).limit == Approx(400e6));
  CHECK(verdict(baseline, recent({399e6})) == Verdict::normal);
  CHECK(verdict(baseline, recent({399e6, 399e6}, 6h)) == Verdict::worse);
  CHECK(verdict(baseline, recent({399e6, 401e6}, 6h)) == Verdict::normal);
  CHECK(verdict(baseline, recent({399e6, 900e6, 399e6}, 6h)) == Verdict::normal);
}

TEST_CASE("a route has a baseline but is never called worse") {
  const Baseline baseline = build_baseline(SeriesKind::route, past(100, 1h, [](int) { return 0; }), kNow);
  CHECK(verdict(baseline, recent({0, 0, 0})) == Verdict::normal);
}
