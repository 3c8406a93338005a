#include "core/statistics/duplication.h"

#include <catch2/catch.hpp>

#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("copies beyond the first are duplicates; lost packets have none") {
  const auto result = duplication(copies({packet(0, 20ms), packet(0, 21ms), packet(0, 22ms), packet(1, 20ms),
                                          packet(2, std::nullopt), packet(3, 20ms), packet(3, 20ms)}));
  CHECK(result.arrived == 3);
  CHECK(result.further_copies == 3);
  CHECK(result.replicated == 2);
}

TEST_CASE("a copy that comes after the threshold is no duplicate") {
  const auto result = duplication(copies({packet(0, 20ms), packet(0, 10s + 1ns)}));
  CHECK(result.further_copies == 0);
}
