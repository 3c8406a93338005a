#include "appliance/hop_labels.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "core/base/linux_clock.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

}  // namespace

TEST_CASE("routers are told with the operator's systems, and without names that nobody asked for") {
  const TemporaryFolder folder;
  std::ofstream(folder / "as.csv") << "192.0.2.0/24,64500,Example Net\nnonsense\n";
  LinuxClock clock;
  HopLabels labels(clock, Log{}, folder / "as.csv");
  const SteadyTime end = clock.steady_now() + 10s;
  HopLabel label;
  while (!label.as_number && clock.steady_now() < end) label = labels.label(ip("192.0.2.7"), false);
  CHECK(label.as_number == 64500);
  CHECK(label.as_name == "Example Net");
  CHECK(label.name.empty());
  CHECK_FALSE(labels.label(ip("198.51.100.1"), false).as_number);
}

TEST_CASE("without a table there are no systems, and no complaint") {
  const TemporaryFolder folder;
  LinuxClock clock;
  HopLabels labels(clock, Log{}, folder / "as.csv");
  CHECK_FALSE(labels.label(ip("192.0.2.7"), false).as_number);
}
