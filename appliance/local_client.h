#pragma once

#include <filesystem>
#include <string>

namespace sonde {

struct LocalAnswer {
  int status = 0;
  std::string body;
};

/// One request to the node through DATA/sonde.sock, at most 15 s. Throws Error with a sentence when no node runs there.
LocalAnswer ask_node(const std::filesystem::path& data, const std::string& method, const std::string& path,
                     const std::string& json = {});

}  // namespace sonde
