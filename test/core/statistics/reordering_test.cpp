#include "core/statistics/reordering.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace sonde;
using Sequence = std::vector<std::uint32_t>;
using Three = std::array<std::uint64_t, 3>;

TEST_CASE("packets in order, with gaps or none at all, are not reordered") {
  for (const Sequence& arrivals : {Sequence{}, Sequence{7}, Sequence{1, 2, 3, 4}, Sequence{1, 5, 9}}) {
    const auto result = reordering(arrivals);
    CHECK(result.reordered == 0);
    CHECK_FALSE(result.extent);
    CHECK(result.n_reordered == Three{});
  }
}

TEST_CASE("one packet that is late is reordered, not those that passed it") {
  // RFC 4737's first example: packet 4 comes after 8. It is four places late.
  const auto result = reordering(Sequence{1, 2, 3, 5, 6, 7, 8, 4, 9, 10});
  CHECK(result.reordered == 1);
  CHECK(result.extent == 4);
  CHECK(result.n_reordered == Three{1, 1, 1});
}

TEST_CASE("a packet that is early makes those reordered that should have come before it") {
  const auto result = reordering(Sequence{1, 2, 5, 3, 4, 6});
  CHECK(result.reordered == 2);
  CHECK(result.extent == 2);
  CHECK(result.n_reordered == Three{1, 0, 0});
}

TEST_CASE("a block that is late: each of its packets is reordered, the last with the greatest extent") {
  // RFC 4737's third example: extents 4, 5 and 6; only packet 4 stands directly behind later ones.
  const auto result = reordering(Sequence{1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11});
  CHECK(result.reordered == 3);
  CHECK(result.extent == 6);
  CHECK(result.n_reordered == Three{1, 1, 1});
}

TEST_CASE("n-reordering counts only as far as the sample goes") {
  CHECK(reordering(Sequence{2, 1}).n_reordered == Three{1, 0, 0});
  CHECK(reordering(Sequence{3, 2, 1}).n_reordered == Three{2, 1, 0});
}

TEST_CASE("the greatest sequence number is nothing special") {
  const auto result = reordering(Sequence{0xFFFFFFFF, 0});
  CHECK(result.reordered == 1);
  CHECK(result.extent == 1);
}
