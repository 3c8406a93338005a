#pragma once

#include <memory>

#include "test/support/namespaces.h"

namespace sonde::bench {

/// A saturating TCP test between both ends of a loopback, in a namespace of its own, over and over until the object
/// goes: the worst neighbour that a light test can have on this host. Throws Error when it cannot begin.
class HeavyBeside {
 public:
  HeavyBeside();
  ~HeavyBeside();
  /// Of the last test that ended; 0 = none has.
  double gbps() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sonde::bench
