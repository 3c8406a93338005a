#include "web/http_wire.h"

#include <algorithm>
#include <charconv>

namespace sonde::web {
namespace {

constexpr std::string_view kSecurityHeaders =
    "Content-Security-Policy: default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

/// A header's text must not start another header.
std::string header_safe(std::string_view text) {
  std::string safe(text);
  std::replace_if(
      safe.begin(), safe.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return safe;
}

}  // namespace

std::string response_head(const HttpResponse& response, bool keep, std::optional<std::size_t> length) {
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(status_text(response.status)) + "\r\n";
  head += kSecurityHeaders;
  bool cached = false;
  for (const auto& [name, value] : response.headers) {
    cached = cached || same_text(name, "Cache-Control");
    head += header_safe(name) + ": " + header_safe(value) + "\r\n";
  }
  if (!cached) head += "Cache-Control: no-store\r\n";
  if (!response.content_type.empty()) head += "Content-Type: " + header_safe(response.content_type) + "\r\n";
  if (length) head += "Content-Length: " + std::to_string(*length) + "\r\n";
  return head + (keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

Framing check_framing(const Headers& headers) {
  Framing framing;
  unsigned hosts = 0;
  bool transfer_encoding = false;
  std::optional<std::string_view> length;
  const auto refuse = [&](int status, std::string_view sentence) {
    framing.refusal = error_response(status, sentence);
    return framing;
  };
  for (const auto& [name, value] : headers) {
    if (!is_utf8(name) || !is_utf8(value)) return refuse(400, "A header of the request is not UTF-8.");
    hosts += same_text(name, "Host");
    transfer_encoding = transfer_encoding || same_text(name, "Transfer-Encoding");
    if (!same_text(name, "Content-Length")) continue;
    if (length && *length != value) return refuse(400, "The request has two different Content-Length headers.");
    length = value;
  }
  if (hosts != 1) return refuse(400, "The request must have one Host header.");
  if (transfer_encoding && length) {
    return refuse(400, "The request has both Transfer-Encoding and Content-Length.");
  }
  if (transfer_encoding) return refuse(411, "Send the body with a Content-Length: chunked bodies are not taken.");
  if (!length) return framing;
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), framing.length);
  if (error != std::errc{} || end != length->data() + length->size() || framing.length > INT64_MAX) {
    framing.length = 0;
    return refuse(400, "Content-Length must be a number of bytes.");
  }
  return framing;
}

}  // namespace sonde::web
