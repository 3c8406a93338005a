#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::embed {

/// The contents of the pages by their names ("parts/chart.js").
using Files = std::map<std::string, std::string>;

/// What a module imports by relative path, as names of Files.
struct Imports {
  std::vector<std::string> at_once;  ///< import ... from
  std::vector<std::string> later;    ///< import(): when it is needed
};
/// Throws std::runtime_error with a sentence when an import names no file, or leads outside.
Imports imports_of(const Files& files, const std::string& name);

/// An HTML page with every src="x" and href="x" that names one of the files led to prefix + its name, and with a
/// modulepreload link for each module that its modules import at once, so that a browser need not discover them one by
/// one. Throws when a script or style sheet it names is missing.
std::string linked_page(const Files& files, const std::string& name, const std::string& prefix);

}  // namespace sonde::embed
