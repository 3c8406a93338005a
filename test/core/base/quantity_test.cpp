#include <catch2/catch.hpp>

#include "core/base/quantity.h"

using namespace sonde;

TEST_CASE("a quantity has three significant digits and the prefix that its size asks for") {
  CHECK(with_prefix(0, "B") == "0 B");
  CHECK(with_prefix(1, "B") == "1 B");
  CHECK(with_prefix(1'700, "B/s") == "1.7 kB/s");
  CHECK(with_prefix(12'340, "B") == "12.3 kB");
  CHECK(with_prefix(999.6, "bit/s") == "1 kbit/s");
  CHECK(with_prefix(1.042e9, "B") == "1.04 GB");
  CHECK(with_prefix(-941.2e6, "bit/s") == "-941 Mbit/s");
  CHECK(with_prefix(5e18, "B") == "5000 PB");
}
