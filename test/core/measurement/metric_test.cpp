#include "core/measurement/metric.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace sonde;

TEST_CASE("every standard metric is found by its key, at the one address it has") {
  for (const Metric& metric : standard_metrics()) CHECK(find_standard_metric(metric.key) == &metric);
  CHECK(find_standard_metric("delay.p50") == &metric::delay_p50);
  CHECK(find_standard_metric("packets.dropped_here") == &metric::dropped_here);
  CHECK(find_standard_metric("delay.p51") == nullptr);
  CHECK(find_standard_metric("") == nullptr);
}

TEST_CASE("keys are stable words: unique, lower case, digits, dots and underscores") {
  std::set<std::string_view> keys;
  for (const Metric& metric : standard_metrics()) {
    INFO(metric.key);
    CHECK(keys.insert(metric.key).second);
    CHECK_FALSE(metric.key.empty());
    CHECK(std::ranges::all_of(
        metric.key, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'; }));
  }
}

TEST_CASE("every standard metric says what it is, where it is defined and in which unit") {
  for (const Metric& metric : standard_metrics()) {
    INFO(metric.key);
    CHECK_FALSE(metric.title.empty());
    CHECK_FALSE(metric.definition.empty());
    CHECK(metric.help.ends_with('.'));
    CHECK(metric.unit != Unit::none);
    CHECK((metric.kind == MetricKind::ratio) == (metric.unit == Unit::share));
  }
}

TEST_CASE("units have the symbols of the field") {
  CHECK(symbol(Unit::seconds) == "s");
  CHECK(symbol(Unit::share) == "%");
  CHECK(symbol(Unit::bits_per_second) == "bit/s");
  CHECK(symbol(Unit::none).empty());
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(Unit::parts_per_million); ++i)
    CHECK(seen.insert(symbol(Unit{static_cast<std::uint8_t>(i)})).second);
}
