#include "web/assets/modules.h"

#include <set>
#include <stdexcept>

namespace sonde::embed {
namespace {

std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash + 1);
}

/// "a/b/../c.js" as "a/c.js"; empty when it leads outside.
std::string resolved(const std::string& folder, std::string_view relative) {
  std::vector<std::string> parts;
  std::string whole = folder + std::string(relative) + "/";
  for (std::size_t start = 0, end; (end = whole.find('/', start)) != std::string::npos; start = end + 1) {
    const std::string part = whole.substr(start, end - start);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return "";
    } else {
      parts.pop_back();
    }
  }
  std::string name;
  for (const auto& part : parts) name += (name.empty() ? "" : "/") + part;
  return name;
}

enum class Before { nothing, import_at_once, import_later };

Before what_is_before(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with("import(")) return Before::import_later;
  return text.ends_with("from") || text.ends_with("import") ? Before::import_at_once : Before::nothing;
}

/// The text between the quotation mark at `open` and its twin on the same line; empty when there is none.
std::string_view quoted(std::string_view text, std::size_t open) {
  const auto end = text.find_first_of(std::string{text[open], '\n'}, open + 1);
  if (end == std::string_view::npos || text[end] == '\n') return {};
  return text.substr(open + 1, end - open - 1);
}

void add_reachable(const Files& files, const std::string& name, std::set<std::string>& reached) {
  for (const auto& next : imports_of(files, name).at_once) {
    if (reached.insert(next).second) add_reachable(files, next, reached);
  }
}

}  // namespace

Imports imports_of(const Files& files, const std::string& name) {
  const std::string_view text = files.at(name);
  Imports imports;
  for (std::size_t at = text.find_first_of("\"'"); at != std::string_view::npos;
       at = text.find_first_of("\"'", at + 1)) {
    const auto relative = quoted(text, at);
    if (!relative.starts_with("./") && !relative.starts_with("../")) continue;
    const Before before = what_is_before(text.substr(0, at));
    if (before == Before::nothing) continue;
    const std::string target = resolved(folder_of(name), relative);
    if (!files.contains(target)) {
      throw std::runtime_error(name + " imports " + std::string(relative) + ", which is not among the pages.");
    }
    (before == Before::import_later ? imports.later : imports.at_once).push_back(target);
  }
  return imports;
}

std::string linked_page(const Files& files, const std::string& name, const std::string& prefix) {
  std::string page = files.at(name);
  std::set<std::string> modules;
  for (const std::string_view attribute : {" src=\"", " href=\""}) {
    for (auto at = page.find(attribute); at != std::string::npos; at = page.find(attribute, at + 1)) {
      const auto open = at + attribute.size() - 1;
      const std::string value(quoted(page, open));
      const std::string target = resolved(folder_of(name), value);
      if (files.contains(target)) {
        if (target.ends_with(".js")) add_reachable(files, target, modules);
        page.replace(open + 1, value.size(), prefix + target);
      } else if (value.ends_with(".js") || value.ends_with(".css")) {
        throw std::runtime_error(name + " names " + value + ", which is not among the pages.");
      }
    }
  }
  std::string links;
  for (const auto& module : modules) links += "<link rel=\"modulepreload\" href=\"" + prefix + module + "\">\n";
  const auto end_of_head = page.find("</head>");
  if (end_of_head != std::string::npos) page.insert(end_of_head, links);
  return page;
}

}  // namespace sonde::embed
