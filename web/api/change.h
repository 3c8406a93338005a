#pragma once

#include <optional>
#include <string_view>

#include "web/api/router.h"

namespace sonde::web {

/// Has the node apply a change of its configuration and waits for it. Revisions of tests are raised where the change
/// calls for it, and every rule is checked, by core/config. Empty = done; else 404, 409, 412, 422 or 503. `section` is
/// what the request is about ("peers"): a broken rule elsewhere is told with its place.
std::optional<HttpResponse> apply(Call& call, std::string_view section, std::optional<std::uint64_t> if_revision,
                                  Node::Edit edit);

}  // namespace sonde::web
