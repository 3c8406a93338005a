#include "appliance/privileges.h"

#include <cap-ng.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr unsigned kKept[] = {CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_SYS_NICE};

void keep_only_three() {
  if (capng_get_caps_process() != 0) throw Error("read", "this process's capabilities", errno);
  bool had[std::size(kKept)];
  for (std::size_t i = 0; i < std::size(kKept); ++i) had[i] = capng_have_capability(CAPNG_PERMITTED, kKept[i]) != 0;
  const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  capng_clear(CAPNG_SELECT_ALL);
  for (std::size_t i = 0; i < std::size(kKept); ++i)
    if (had[i])
      capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET),
                   kKept[i]);
  // Only who may set them can empty the bounding set; for anyone else no_new_privs has the same effect.
  if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
    throw Error("drop", "this process's capabilities", errno);
}

}  // namespace

void settle_privileges() {
  keep_only_three();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw Error("forbid", "new privileges", errno);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

bool may_bind_low_ports() {
  capng_get_caps_process();
  return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_BIND_SERVICE) != 0;
}

unsigned short usable_port(unsigned short port, int port_offset) {
  const int moved = port < 1024 && !may_bind_low_ports() ? port + 10000 : port;
  return static_cast<unsigned short>(moved + port_offset);
}

bool take_real_time_priority() {
  sched_param priority{};
  priority.sched_priority = 10;
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0;
}

}  // namespace sonde
