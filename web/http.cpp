#include "web/http.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/json.h"
#include "core/base/utf8.h"

namespace sonde::web {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

bool is_ipv4(const std::string& text) {
  in_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// A line of an event may hold no line end: a browser would read it as another field.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
  return line;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_text(key, name)) return value;
  }
  return {};
}

bool HttpRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return same_text(h.first, name); });
}

std::string HttpRequest::source() const {
  if (is_local_socket) return "local";
  in6_addr address;
  if (inet_pton(AF_INET6, client.substr(0, client.find('%')).c_str(), &address) != 1) return client;
  std::memset(address.s6_addr + 8, 0, 8);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

bool HttpRequest::is_loopback() const {
  return is_local_socket || client == "::1" || (client.starts_with("127.") && is_ipv4(client));
}

HttpResponse error_response(int status, std::string_view sentence) {
  JsonWriter out;
  out.begin_object().field("status", status).field("field", "").field("sentence", sentence).end_object();
  HttpResponse response;
  response.status = status;
  response.body = out.take() + "\n";
  return response;
}

bool EventStream::send(std::string_view event, std::string_view id, std::string_view data) {
  std::string text;
  if (!event.empty()) text += "event: " + one_line(event) + "\n";
  if (!id.empty()) text += "id: " + one_line(id) + "\n";
  for (;;) {
    const auto end = data.find('\n');
    text += "data: " + one_line(data.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  return write(text + "\n");
}

bool EventStream::comment(std::string_view text) { return write(": " + one_line(text) + "\n\n"); }

bool host_is_known(std::string_view host, std::span<const std::string> names) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return false;
    const auto rest = host.substr(end + 1);
    return (rest.empty() || rest.starts_with(':')) && is_ipv6(std::string(host.substr(1, end - 1)));
  }
  const std::string name(host.substr(0, host.find(':')));
  if (is_ipv4(name) || same_text(name, "localhost")) return true;
  return std::any_of(names.begin(), names.end(), [&](const std::string& n) { return same_text(n, name); });
}

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      out += static_cast<char>(*high << 4 | *low);
      i += 2;
    }
  }
  if (out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
  return out;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = decode_percent(part.substr(0, equals), true);
    auto value = decode_percent(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    query[std::move(*name)] = std::move(*value);
  }
  return query;
}

bool is_utf8(std::string_view text) { return is_valid_utf8(text); }

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view status_text(int status) {
  static const std::map<int, std::string_view> kTexts = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  };
  const auto found = kTexts.find(status);
  return found == kTexts.end() ? "Status" : found->second;
}

void drop_rest(BodyReader& body) {
  constexpr std::size_t kMost = 256 << 20;
  std::vector<char> rest(64 << 10);
  for (std::size_t dropped = 0; dropped < kMost;) {
    const auto n = body.read(rest);
    if (!n || *n == 0) return;
    dropped += *n;
  }
}

}  // namespace sonde::web
