#include "probes/throughput/sequence_check.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace sonde::throughput;

namespace {

SequenceCheck after(const std::vector<std::uint64_t>& numbers) {
  SequenceCheck check;
  for (const std::uint64_t one : numbers) check.take(one);
  return check;
}

}  // namespace

TEST_CASE("gaps are lost until the packet comes late; then it is out of order") {
  CHECK(after({1, 2, 5}).lost() == 2);
  const SequenceCheck late = after({1, 2, 5, 3});
  CHECK(late.lost() == 1);
  CHECK(late.out_of_order() == 1);
  CHECK(late.duplicates() == 0);
  CHECK(late.highest() == 5);
}

TEST_CASE("a copy is neither out of order nor an arrival of something lost") {
  const SequenceCheck check = after({1, 2, 2, 5, 5, 1});
  CHECK(check.duplicates() == 3);
  CHECK(check.out_of_order() == 0);
  CHECK(check.lost() == 2);
}

TEST_CASE(
    "a first packet that is not the first counts what is missing before it, and a wide gap forgets what was seen") {
  CHECK(after({4}).lost() == 3);
  const SequenceCheck wide = after({1, 100'001, 100'000, 1});
  CHECK(wide.lost() == 99'998);
  CHECK(wide.out_of_order() == 1);
  CHECK(wide.duplicates() == 1);
  CHECK(after({0}).duplicates() == 1);
}

TEST_CASE("jitter is the smoothed change of transit times, and zero for an even stream") {
  Jitter even;
  for (int i = 0; i < 10; ++i) even.take(0.5);
  CHECK(even.seconds() == 0);
  Jitter uneven;
  uneven.take(1.0);
  uneven.take(1.016);
  CHECK(uneven.seconds() == Approx(0.001));
  uneven.take(1.0);
  CHECK(uneven.seconds() == Approx(0.001 + 0.015 / 16));
}
