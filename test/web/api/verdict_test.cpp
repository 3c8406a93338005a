#include <catch2/catch.hpp>

#include "web/api/path_view.h"

using namespace sonde;
using namespace sonde::web;

namespace {

PathView path_of(PathState state) {
  PathView path;
  path.state = state;
  path.directions.push_back({});
  return path;
}

PathVerdict verdict(int bad, int well) {
  std::vector<PathView> all;
  for (int i = 0; i < bad; ++i) all.push_back(path_of(PathState::bad));
  for (int i = 0; i < well; ++i) all.push_back(path_of(PathState::good));
  Snapshot now;
  now.clock.believed = true;
  return me_or_network(all.front(), all, now);
}

}  // namespace

TEST_CASE("the access line that all paths share is suspected only where hardly one of them is well") {
  CHECK(verdict(3, 0).verdict == "unclear");
  CHECK(verdict(9, 1).verdict == "unclear");
  CHECK(verdict(2, 1).verdict == "network");
  CHECK(verdict(8, 2).verdict == "network");
  CHECK(verdict(2, 0).verdict == "network");  // too few to tell
}

TEST_CASE("how many paths suffer is part of the evidence from two on, this node's own health always") {
  CHECK(verdict(1, 2).evidence ==
        std::vector<std::string>{"This node sent in time, dropped nothing and its clock did not jump."});
  CHECK(verdict(2, 1).evidence.front() == "2 of 3 paths from here are worse than usual at the same time.");
  CHECK(verdict(2, 1).evidence.size() == 2);
}

TEST_CASE("a node whose clock is not believed suspects itself first") {
  std::vector<PathView> all{path_of(PathState::bad)};
  Snapshot now;
  now.clock.believed = false;
  CHECK(me_or_network(all.front(), all, now).verdict == "this node");
}
