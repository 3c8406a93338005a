#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace sonde::test {

/// Holds a value against a schema of JSON Schema 2020-12, as far as openapi.json uses it: type, properties, required,
/// additionalProperties, items, enum, anyOf, $ref, minimum, maximum, minLength, maxLength, format date-time. `root` is
/// what "#/..." begins at. Each complaint begins with the place. A keyword it does not know is a complaint too.
std::vector<std::string> complaints(const Json& schema, const Json& value, const Json& root,
                                    const std::string& place = "$");

/// What stands at "#/a/b"; null when nothing does.
const Json* resolve(const Json& root, const std::string& reference);

}  // namespace sonde::test
