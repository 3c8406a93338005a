#pragma once

#include <sys/types.h>

#include "appliance/host_words.h"
#include "core/base/time.h"

namespace sonde {

/// Where the root helper is asked: a socket for root and the node's user, whom the kernel tells apart. One thread.
class HostListener {
 public:
  /// Throws Error, also where there is no user of the node: this is for the live appliance only.
  HostListener();
  ~HostListener();
  HostListener(const HostListener&) = delete;
  HostListener& operator=(const HostListener&) = delete;

  /// Answers at most one who asks within that time.
  void serve(Duration most, HostParts parts) const;

 private:
  uid_t user_ = 0;
  int socket_ = -1;
};

}  // namespace sonde
