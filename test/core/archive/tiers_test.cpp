#include "core/archive/tiers.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

TEST_CASE("what may be combined how follows from a metric's kind and name") {
  const auto law = [](const Metric& metric) { return combining_of(metric); };
  CHECK(law(metric::delay_min) == Combining::least);
  CHECK(law(metric::delay_max) == Combining::greatest);
  CHECK(law(metric::delay_mean) == Combining::by_received);
  CHECK(law(metric::loss_ratio) == Combining::by_measured);
  CHECK(law(metric::duplicate_ratio) == Combining::by_received);
  CHECK(law(metric::lost) == Combining::sum);
  CHECK(law(metric::reordering_extent) == Combining::greatest);
  CHECK(law(metric::loss_period_max) == Combining::greatest);
  CHECK(law(metric::loss_distance_mean) == Combining::envelope);
  CHECK(law(metric::ipdv_abs_mean) == Combining::envelope);
  CHECK(law({"clock.offset", "", Unit::seconds, MetricKind::gauge, "", ""}) == Combining::mean);
  CHECK(law({"interface.in_rate", "", Unit::bits_per_second, MetricKind::counter, "", ""}) == Combining::mean);
}

TEST_CASE("no percentile of the catalogue may be averaged") {
  for (const Metric& metric : standard_metrics()) {
    const auto p = metric.key.find(".p");
    if (p == std::string_view::npos || metric.key[p + 2] < '0' || metric.key[p + 2] > '9') continue;
    const Combining law = combining_of(metric);
    CHECK((law == Combining::distribution || law == Combining::envelope));
  }
  CHECK(combining_of(metric::pdv_spread) == Combining::distribution);
}

TEST_CASE("points are as fine as wished, round, whole steps and never more than 4,000") {
  CHECK(round_step(1min, 1s, 1h) == 1min);
  CHECK(round_step(1min, 7min, 24h) == 10min);
  CHECK(round_step(1min, 1s, 30 * 24h) == 15min);
  CHECK(round_step(1min, 1s, 366 * 24h) == 3h);
  CHECK(round_step(7s, 10s, 1h) % 7s == 0s);
  for (const Duration length : {1h, 24h, 24h * 31, 24h * 366, 24h * 3660})
    CHECK(length / round_step(10s, 1s, length) <= 4000);
}

TEST_CASE("a range is read from the widest tier that divides its points and reaches back") {
  const std::vector<Tier> tiers{own_tier(1min), coarse_tiers()[0], coarse_tiers()[1], coarse_tiers()[2]};
  const UtcTime now = utc_from_seconds(1'800'000'000);
  CHECK(source_tier(tiers, 1min, now - 1h, now).step == 1min);
  CHECK(source_tier(tiers, 10min, now - 1h, now).step == 5min);
  CHECK(source_tier(tiers, 3h, now - 1h, now).step == 1h);
  CHECK(source_tier(tiers, 1min, now - 40 * 24h, now).step == 5min);
  CHECK(source_tier(tiers, 1min, now - 1000 * 24h, now).step == 24h);
}
