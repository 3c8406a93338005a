#include "core/host/clock_plan.h"

namespace sonde {

std::string chrony_text(const std::vector<std::string>& servers, const std::string& reference_clock) {
  std::string text;
  for (const std::string& server : servers) text += "server " + server + " iburst\n";
  if (servers.empty())
    text +=
        "sourcedir /run/network/time\n"
        "pool 2.debian.pool.ntp.org iburst maxsources 4\n";
  if (!reference_clock.empty()) text += "refclock PHC " + reference_clock + " poll 2 dpoll -2 offset 0 stratum 2\n";
  // A clock that is far off is put right at once, but never again while measurements run.
  return text +
         "driftfile /data/chrony/drift\n"
         "dumpdir /data/chrony\n"
         "makestep 1 3\n"
         "rtcsync\n"
         "leapsectz right/UTC\n"
         "cmdallow 127.0.0.1\n"
         "lock_all\n";
}

}  // namespace sonde
