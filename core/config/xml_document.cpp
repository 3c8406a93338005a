#include "core/config/xml_document.h"

#include <algorithm>
#include <pugixml.hpp>

#include "core/base/utf8.h"

namespace sonde {
namespace {

constexpr unsigned kParse =
    pugi::parse_default | pugi::parse_comments | pugi::parse_pi | pugi::parse_declaration | pugi::parse_doctype;
constexpr int kMostDepth = 64;

std::string size_text(std::size_t octets) {
  return octets >= 1 << 20 ? std::to_string(octets >> 20) + " MiB" : std::to_string(octets >> 10) + " KiB";
}

void check_bytes(std::string_view text, std::size_t most) {
  if (text.size() > most) throw XmlRefused{0, "The file is larger than " + size_text(most) + "."};
  const std::size_t valid = valid_utf8_prefix(text);
  if (valid != text.size()) throw XmlRefused{valid, "This byte is not UTF-8."};
  const auto control = std::ranges::find_if(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
  });
  if (control != text.end())
    throw XmlRefused{static_cast<std::size_t>(control - text.begin()), "A control character is not allowed here."};
}

/// Walks without recursion: a hostile file may be as deep as it is long.
void check_depth(pugi::xml_node root) {
  int depth = 1;
  for (pugi::xml_node node = root; node;) {
    if (depth > kMostDepth) throw XmlRefused{offset_of(node), "Elements are nested deeper than 64 levels."};
    if (const auto child = node.first_child()) {
      node = child;
      ++depth;
      continue;
    }
    while (node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == root) return;
    node = node.next_sibling();
  }
}

}  // namespace

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::string_view row = before.substr(before.rfind('\n') + 1);
  return "line " + std::to_string(line) + ", column " + std::to_string(count_characters(row) + 1);
}

std::size_t offset_of(const pugi::xml_node& node) {
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

void load_xml(pugi::xml_document& document, std::string_view text, std::size_t most) {
  check_bytes(text, most);
  const auto result = document.load_buffer(text.data(), text.size(), kParse, pugi::encoding_utf8);
  if (!result)
    throw XmlRefused{static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)),
                     std::string("This is not XML: ") + result.description() + "."};
}

pugi::xml_node only_root(const pugi::xml_document& document, std::string_view wanted) {
  const std::string name(wanted);
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) throw XmlRefused{offset_of(node), "A DOCTYPE is not allowed here."};
    if (node.type() != pugi::node_element) continue;
    if (root)
      throw XmlRefused{offset_of(node), std::string("<") + node.name() + "> stands after the end of <" + name + ">."};
    root = node;
  }
  if (!root || root.name() != name)
    throw XmlRefused{root ? offset_of(root) : 0, "The outermost element must be <" + name + " version=\"1\">."};
  check_depth(root);
  return root;
}

}  // namespace sonde
