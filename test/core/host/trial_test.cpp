#include "core/host/trial.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime kBegin{1h};

}  // namespace

TEST_CASE("a trial is confirmed once it has been well for half a minute without a break") {
  TrialJudge judge(kBegin);
  CHECK(judge.look(kBegin + 10s, true) == TrialStep::wait);
  CHECK(judge.look(kBegin + 39s, true) == TrialStep::wait);
  CHECK(judge.look(kBegin + 40s, true) == TrialStep::confirm);
}

TEST_CASE("one bad look makes a trial begin its half minute again") {
  TrialJudge judge(kBegin);
  judge.look(kBegin + 10s, true);
  judge.look(kBegin + 20s, false);
  CHECK(judge.look(kBegin + 41s, true) == TrialStep::wait);
  CHECK(judge.look(kBegin + 71s, true) == TrialStep::confirm);
}

TEST_CASE("a trial that is not well in five minutes is given up") {
  TrialJudge judge(kBegin);
  CHECK(judge.look(kBegin + 299s, false) == TrialStep::wait);
  CHECK(judge.look(kBegin + 300s, false) == TrialStep::reboot);
}
