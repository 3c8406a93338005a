#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>

#include "core/base/json.h"

namespace sonde {

struct LocalAnswer {
  int status = 0;
  std::string body;
};

/// One request to the node through DATA/sonde.sock, at most 15 s. Throws Error with a sentence when no node runs there.
LocalAnswer ask_node(const std::filesystem::path& data, const std::string& method, const std::string& path,
                     const std::string& json = {});

/// The answer's object; what the node refused becomes an Error with its sentence.
Json object_of(const LocalAnswer& answer);

/// The same for what takes long: the body goes to `sink` piece by piece, unless the node refused.
LocalAnswer fetch_from_node(const std::filesystem::path& data, const std::string& path,
                            const std::function<void(std::span<const char>)>& sink);
/// Sends `octets` of `body`; `told` hears how many are sent.
LocalAnswer send_to_node(const std::filesystem::path& data, const std::string& path, std::istream& body,
                         std::uint64_t octets, const std::function<void(std::uint64_t)>& told);

}  // namespace sonde
