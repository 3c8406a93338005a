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
  // A clock that is a second off is put right at once: turned slowly it would take weeks after a pause of the machine,
  // and go wrong by 8 % all the while. The node tells each step with the results that it falls into.
  return text +
         "driftfile /data/chrony/drift\n"
         "dumpdir /data/chrony\n"
         "makestep 1 -1\n"
         "rtcsync\n"
         "leapsectz right/UTC\n"
         "cmdallow 127.0.0.1\n"
         "lock_all\n";
}

}  // namespace sonde
