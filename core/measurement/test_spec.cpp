#include "core/measurement/test_spec.h"

namespace sonde {

std::string describe(const Schedule& schedule) {
  switch (schedule.kind) {
    case Schedule::Kind::every:
      return "every " + format_duration(schedule.period);
    case Schedule::Kind::continuous:
      return "all day";
    case Schedule::Kind::once:
      return "once at " + format_utc(schedule.at, 0);
  }
  return "";
}

}  // namespace sonde
