#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/xml_document.h"

namespace sonde {

struct XmlAttribute {
  std::string name, value;
  std::size_t offset = 0;  ///< in the text; of a second one of that name, where the first stands
};

/// An XML document as plain values, for files that are read whole: elements and attributes, no text between them.
struct XmlTree {
  std::string name;
  std::size_t offset = 0;  ///< in the text
  std::vector<XmlAttribute> attributes;
  std::vector<XmlTree> children;
};

/// The outermost element, which must be called `root`. Throws XmlRefused: what is not UTF-8 or XML, a DOCTYPE, more
/// than `most` octets, more than 64 levels, text outside of attributes.
XmlTree read_xml_tree(std::string_view text, std::string_view root, std::size_t most);
/// A file with that outermost element; offsets do not matter.
std::string write_xml_tree(const XmlTree& root);

}  // namespace sonde
