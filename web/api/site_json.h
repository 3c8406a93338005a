#pragma once

#include "core/base/json.h"
#include "core/config/config.h"
#include "web/api/fields.h"

namespace sonde::web {

/// The public does not see who answers for the node, by name or e-mail.
void write_site(JsonWriter& out, const Site& site, bool with_contact);
/// Keeps the node's id. The form's problems are joined to `in`'s.
void read_site(Fields& in, Site& site);

}  // namespace sonde::web
