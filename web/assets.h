#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "web/http.h"

namespace sonde::web {

/// One file of the pages, as the build put it into the executable.
struct Asset {
  std::string_view path;  ///< where it is served: "/", or "/assets/HASH/..." for all that is no HTML
  std::string_view content_type;
  std::string_view etag;  ///< with its quotation marks
  std::span<const unsigned char> gzip;
  std::size_t size = 0;    ///< unpacked
  bool immutable = false;  ///< its path changes with its content: may be kept for ever
};

/// The file served at that path, or null. HASH is one for all files, so modules find each other by relative paths;
/// "index.html" of web/pages is "/". Safe from any thread, like all here.
const Asset* find_asset(std::string_view path);
/// Where a file of web/pages is served ("style/base.css"); empty when there is none.
std::string_view asset_path(std::string_view name);
std::span<const Asset> all_assets();

/// The answer to a GET or HEAD for it: 304 when the browser has it, packed when it can unpack.
HttpResponse asset_response(const HttpRequest& request, const Asset& asset);

}  // namespace sonde::web
