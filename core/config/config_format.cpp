#include "core/config/config_format.h"

#include <pugixml.hpp>
#include <string>

namespace sonde {

void check_format(const Element& root) {
  root.needed("version");
  const auto version = root.whole<unsigned>("version", 0);
  const auto readable_by = root.whole<unsigned>("readable-by", version);
  if (version == 0) root.fail("version", refusal("version", root.text("version"), "1"));
  if (version > kConfigFormat && readable_by > kConfigFormat)
    root.fail("version", "A later Sonde wrote this file (format " + std::to_string(version) +
                             "), and this one reads format " + std::to_string(kConfigFormat) +
                             " only: start the later one again, or take a version of before.");
}

bool is_of_later_format(const pugi::xml_node& node) {
  return node.root().child("sonde").attribute("version").as_uint() > kConfigFormat;
}

}  // namespace sonde
