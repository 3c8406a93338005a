#pragma once

#include "core/net/address.h"
#include "test/support/namespaces.h"

namespace sonde::test {

/// Our UDP sender at 1 Gbit/s from one namespace to the other for two seconds: the 99th percentile of what came in
/// windows of 1 ms by the receiving kernel's stamps, divided by what the rate gives.
double pacing_p99(const NetworkNamespace& from, const NetworkNamespace& to, const IpAddress& address);

}  // namespace sonde::test
