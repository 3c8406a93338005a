#pragma once

#include "core/access/access.h"
#include "web/http.h"

namespace sonde::web {

/// refused 422, unknown 404, exists 409, denied 401, wait 429 with Retry-After, busy and broken 503.
HttpResponse problem(const AccessProblem& problem);

}  // namespace sonde::web
