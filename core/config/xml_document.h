#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace sonde {

/// Thrown inside the reading of a file only: where, and what is wrong there.
struct XmlRefused {
  std::size_t offset;
  std::string sentence;
};

/// "line 12, column 7"
std::string place(std::string_view text, std::size_t offset);

/// Parses into `document`. Throws XmlRefused when `text` is longer than `most`, not UTF-8, not XML, or holds control
/// characters. A byte order mark is passed over by without_mark(), before.
void load_xml(pugi::xml_document& document, std::string_view text, std::size_t most);
std::string_view without_mark(std::string_view text);
/// The outermost element, which must be called `wanted`. Throws XmlRefused at a DOCTYPE, a second outermost element,
/// more than 64 levels.
pugi::xml_node only_root(const pugi::xml_document& document, std::string_view wanted);
std::size_t offset_of(const pugi::xml_node& node);

}  // namespace sonde
