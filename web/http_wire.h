#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "web/http.h"

namespace sonde::web {

/// Status line and headers up to the empty line: the response's own, the security headers that every response has,
/// "no-store" unless it says otherwise. `keep`: the connection stays open. Control characters become blanks.
std::string response_head(const HttpResponse& response, bool keep, std::optional<std::size_t> length);

/// False for 204, 304 and the like.
bool has_body(int status);

/// Where the body ends must be beyond doubt, or two readers of one connection see different requests (RFC 9112 §6.3).
struct Framing {
  std::uint64_t length = 0;
  std::optional<HttpResponse> refusal;
};
Framing check_framing(const Headers& headers);

}  // namespace sonde::web
