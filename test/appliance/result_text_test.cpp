#include "appliance/result_text.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("values have three significant digits and a unit that fits them") {
  CHECK(format_value(Unit::seconds, 0.0132) == "13.2 ms");
  CHECK(format_value(Unit::seconds, 45e-6) == "45.0 µs");
  CHECK(format_value(Unit::seconds, -0.267) == "-267 ms");
  CHECK(format_value(Unit::share, 0.021) == "2.10 %");
  CHECK(format_value(Unit::bits_per_second, 1.234e9) == "1.23 Gbit/s");
  CHECK(format_value(Unit::bits_per_second, 999.6e6) == "1.00 Gbit/s");
  CHECK(format_value(Unit::seconds, std::nullopt) == "–");
}

TEST_CASE("an undefined value says why, a symmetric error is written with ±") {
  Statistic s{.metric = &metric::delay_p50, .direction = Direction::forward};
  s.why = "no packet arrived";
  CHECK(format_with_error(s) == "– (no packet arrived)");
  s.value = 0.010;
  s.interval = {0.009, 0.011};
  s.basis = Basis::clock_bound;
  CHECK(format_with_error(s) == "10.0 ms ± 1.00 ms");
  Statistic loss{.metric = &metric::loss_ratio, .direction = Direction::forward, .value = 0.0};
  loss.interval = {0.0, 0.278};
  loss.basis = Basis::sampling;
  CHECK(format_with_error(loss) == "0 % (0 % to 27.8 %)");
}

TEST_CASE("raw lines have one entry a packet and zero for a lost one") {
  Result result;
  DirectionResult d{.direction = Direction::forward};
  d.packets = {{.sequence = 0, .sent = UtcTime{Duration{5}}, .received = UtcTime{Duration{9}}},
               {.sequence = 1, .sent = UtcTime{Duration{7}}}};
  result.directions.push_back(d);
  CHECK(raw_lines(result) == "forward 0 5 9\nforward 1 7 0\n");
}
