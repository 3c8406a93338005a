#include "web/sending.h"

#include <algorithm>
#include <cstdio>

#include "web/civetweb/additions.h"
#include "web/http_wire.h"

namespace sonde::web {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kMostDropped = 16 << 20;

/// A body that is made while it is sent, in chunks; an HTTP/1.0 client gets it up to the end of the connection.
/// False = it is not whole.
bool send_produced(mg_connection* connection, const HttpResponse& response, const Log& log) {
  const bool chunked = std::string_view(mg_get_request_info(connection)->http_version) != "1.0";
  HttpResponse head = response;
  if (chunked) head.headers.emplace_back("Transfer-Encoding", "chunked");
  if (!write_all(connection, response_head(head, false, std::nullopt))) return false;
  const auto sink = [&](std::span<const char> piece) {
    if (piece.empty()) return true;
    char size[24];
    const int n = std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    const bool sized = !chunked || write_all(connection, {size, static_cast<std::size_t>(n)});
    return sized && write_all(connection, {piece.data(), piece.size()}) && (!chunked || write_all(connection, "\r\n"));
  };
  try {
    response.produce(sink);
    return !chunked || write_all(connection, "0\r\n\r\n");
  } catch (const std::exception& error) {
    log.warning("a download was broken off", {{"reason", error.what()}});
    return false;
  }
}

}  // namespace

bool write_all(mg_connection* connection, std::string_view text) {
  while (!text.empty()) {
    const auto piece = text.substr(0, kPiece);
    if (mg_write(connection, piece.data(), piece.size()) != static_cast<int>(piece.size())) return false;
    text.remove_prefix(piece.size());
  }
  return true;
}

int respond(mg_connection* connection, const HttpResponse& response, bool keep, bool head_only, const Log& log) {
  if (response.produce && !head_only) {
    sonde_mg_close_after(connection);
    send_produced(connection, response, log);
    return response.status;
  }
  const std::string_view body = has_body(response.status) ? std::string_view(response.body) : "";
  if (!keep) sonde_mg_close_after(connection);
  std::string text =
      response_head(response, keep, has_body(response.status) ? std::optional(body.size()) : std::nullopt);
  if (!head_only) text += body;
  if (!write_all(connection, text)) sonde_mg_close_after(connection);
  return response.status;
}

int refuse(mg_connection* connection, const HttpResponse& response, int linger_ms) {
  respond(connection, response, false, false, Log());
  sonde_mg_linger(connection, kMostDropped, linger_ms);
  return response.status;
}

}  // namespace sonde::web
