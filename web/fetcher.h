#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/net/address.h"

namespace sonde::web {

/// What an outgoing request may do. The rules themselves stand in fetcher.cpp: http and https only, names are resolved
/// once and the address that was checked is the one connected to, TLS is verified, nothing secret is sent.
struct FetchRules {
  std::uint64_t most = 20'000'000;                                 ///< octets of the body
  Duration silence = std::chrono::seconds(10);                     ///< for connecting, and for each piece of the answer
  Duration whole = std::chrono::minutes(1);                        ///< for all of it
  std::vector<IpAddress> own;                                      ///< addresses of this host: refused like loopback
  std::vector<Prefix> listed;                                      ///< an administrator allowed these all the same
  std::string authorities = "/etc/ssl/certs/ca-certificates.crt";  ///< PEM: who is believed
  /// Others in tests; by default the host's own resolver. Empty: there is none of that name.
  std::function<std::vector<IpAddress>(const std::string& name)> resolve{};
};

/// Takes the body of one address piece by piece. `begins` is told its length, 0 where it was not said. Returns the
/// number of octets, which may be fewer than there are where no length was said: who needs it whole looks; throws Error
/// with a sentence for the operator, which holds nothing of what the far end said but a status. Blocks; `stop` ends it
/// within `silence`.
std::uint64_t fetch(const std::string& address, const FetchRules& rules,
                    const std::function<void(std::uint64_t)>& begins,
                    const std::function<void(std::span<const char>)>& sink, const std::stop_token& stop);

/// Why an address is not asked, as a phrase; empty = it may be. For tests and for forms.
std::string why_not_fetch_from(const IpAddress& address, const FetchRules& rules);

}  // namespace sonde::web
