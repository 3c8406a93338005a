#include "web/assets.h"

#include <zlib.h>

#include <algorithm>

#include "core/base/error.h"

namespace sonde::web {
namespace {

std::string unpacked(const Asset& asset) {
  std::string out(asset.size, '\0');
  z_stream stream{};
  stream.next_in = const_cast<Bytef*>(asset.gzip.data());
  stream.avail_in = static_cast<uInt>(asset.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  constexpr int kGzip = 15 + 16;
  const bool whole = inflateInit2(&stream, kGzip) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END;
  inflateEnd(&stream);
  if (!whole) throw Error("A page of this build cannot be unpacked: build again.");
  return out;
}

/// Whether a list such as `"a", W/"b"` or `gzip, br;q=0` names it and does not exclude it.
bool names(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    const auto name = item.substr(0, item.find_first_of("; "));
    const bool excluded = item.ends_with(";q=0") || item.ends_with("; q=0");
    if (name == wanted && !excluded) return true;
  }
  return false;
}

}  // namespace

const Asset* find_asset(std::string_view path) {
  const auto all = all_assets();
  const auto found = std::lower_bound(all.begin(), all.end(), path, [](const Asset& a, auto p) { return a.path < p; });
  return found != all.end() && found->path == path ? &*found : nullptr;
}

HttpResponse asset_response(const HttpRequest& request, const Asset& asset) {
  HttpResponse response;
  response.content_type = asset.content_type;
  // A page is asked for again each time, and costs one empty answer while it is the same.
  response.headers = {{"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"ETag", std::string(asset.etag)},
                      {"Vary", "Accept-Encoding"}};
  if (names(request.header("If-None-Match"), asset.etag)) {
    response.status = 304;
  } else if (names(request.header("Accept-Encoding"), "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body.assign(reinterpret_cast<const char*>(asset.gzip.data()), asset.gzip.size());
  } else {
    response.body = unpacked(asset);
  }
  return response;
}

}  // namespace sonde::web
