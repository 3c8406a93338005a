#include "core/config/xml_tree.h"

#include <pugixml.hpp>
#include <sstream>

#include "core/config/xml_element.h"

namespace sonde {
namespace {

/// At most 64 levels: only_root() has looked.
XmlTree tree_of(std::string_view text, const pugi::xml_node& node) {
  XmlTree tree{.name = node.name(), .offset = offset_of(node)};
  for (const pugi::xml_attribute attribute : node.attributes())
    tree.attributes.push_back({attribute.name(), attribute.value(), offset_of(text, node, attribute.name())});
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) tree.children.push_back(tree_of(text, child));
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
      throw XmlRefused{offset_of(child),
                       std::string("Text is not allowed inside <") + node.name() + ">, only attributes."};
  }
  return tree;
}

void write(pugi::xml_node parent, const XmlTree& tree) {
  pugi::xml_node node = parent.append_child(tree.name.c_str());
  for (const XmlAttribute& attribute : tree.attributes)
    node.append_attribute(attribute.name.c_str()).set_value(attribute.value.c_str());
  for (const XmlTree& child : tree.children) write(node, child);
}

}  // namespace

XmlTree read_xml_tree(std::string_view text, std::string_view root, std::size_t most) {
  pugi::xml_document document;
  load_xml(document, text, most);
  return tree_of(text, only_root(document, root));
}

std::string write_xml_tree(const XmlTree& root) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  set_attribute(declaration, "version", "1.0");
  set_attribute(declaration, "encoding", "UTF-8");
  write(document, root);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace sonde
