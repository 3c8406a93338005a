#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sonde::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request as it came in, checked so far: the path and the query are valid UTF-8 without NUL, percent-encoding
/// is undone, the body is whole and within its limit. Everything in it is still a stranger's word.
struct HttpRequest {
  std::string method;                        ///< "GET", "POST", ... as sent
  std::string path;                          ///< begins with '/'; "%2F" is a '/' by now
  std::map<std::string, std::string> query;  ///< of repeated names the last
  Headers headers;                           ///< in the order they came
  std::string body;                          ///< empty for uploads and event streams
  std::string client;                        ///< numeric address; empty on the command line's socket
  std::uint16_t client_port = 0;
  bool is_tls = false;
  bool is_local_socket = false;  ///< came through DATA/sonde.sock: same user or root

  /// The first header of that name, whatever its case; empty when absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  /// The Host header as sent, with its port.
  std::string_view host() const { return header("Host"); }
  /// What limits count by: the IPv4 address, the IPv6 /64, or "local" for the socket. Never from a header.
  std::string source() const;
  bool is_loopback() const;  ///< 127.0.0.0/8, ::1 or the socket
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;  ///< dropped by the server for HEAD, 204 and 304
  Headers headers;   ///< beside those that the server sets on every response (security, length, connection)
  /// Takes the next piece of a body that is too long for memory; false = nobody listens any more.
  using Sink = std::function<bool(std::span<const char>)>;
  /// Instead of `body`: writes it all into the sink. What it throws ends the connection in the middle, so that the
  /// client sees that it is not whole.
  std::function<void(const Sink&)> produce{};
};

/// A response of one sentence, as the API tells every error: {status, field, sentence} with an empty field.
HttpResponse error_response(int status, std::string_view sentence);

/// The body of an upload, read piece by piece on the handler's thread.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// Fills `out` as far as it can; 0 at the end; empty when the client broke off or was too slow: throw all away.
  virtual std::optional<std::size_t> read(std::span<char> out) = 0;
  virtual std::uint64_t length() const = 0;  ///< as announced, and within the limit
};

/// Reads on to the end, or to 256 MiB: a browser reads why it was refused only once it has sent all.
void drop_rest(BodyReader& body);

/// Writes server-sent events to one client. Used only by the thread of the handler that got it, which waits for
/// news with gone() (std::condition_variable_any) and writes a comment after 15 s of silence.
class EventStream {
 public:
  virtual ~EventStream() = default;
  /// One event; `event` and `id` may be empty and lose their line ends. Blocks up to 10 s for a slow client.
  /// False: nobody listens any more, return from the handler.
  bool send(std::string_view event, std::string_view id, std::string_view data);
  bool comment(std::string_view text = "");
  /// Requested within a second of the client leaving, and at once when the server stops.
  virtual std::stop_token gone() const = 0;
  bool closed() const { return gone().stop_requested(); }
  /// The id of the last event a returning browser has seen; empty at first.
  virtual std::string_view last_event_id() const = 0;

 protected:
  virtual bool write(std::string_view text) = 0;
};

/// How a request is to be taken, decided from its head before a byte of its body is read.
struct Intake {
  enum class Kind { plain, upload, stream };
  Kind kind = Kind::plain;
  std::uint64_t max_body = 1 << 20;     ///< larger ones get 413
  std::optional<HttpResponse> refusal;  ///< sent instead of all else: no login, wrong host, ...
};

/// What stands behind the server: it knows no paths. Each is called from many threads at once; what they throw
/// becomes a 500 without details.
struct Handlers {
  std::function<Intake(const HttpRequest& head)> intake;  ///< may be empty: all plain, 1 MiB
  std::function<HttpResponse(const HttpRequest&)> answer;
  std::function<HttpResponse(const HttpRequest&, BodyReader&)> upload;
  std::function<void(const HttpRequest&, EventStream&)> stream;  ///< the 200 has been sent when it is called
};

/// Against DNS rebinding: true when the Host header names an IP literal, localhost or one of `names` (any case),
/// with or without a port.
bool host_is_known(std::string_view host, std::span<const std::string> names);
/// Undoes percent-encoding; with `plus_is_space` as in forms. Empty for a bad escape, NUL or invalid UTF-8.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space = false);
/// "a=1&b=2"; empty when any part cannot be decoded.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view text);
bool is_utf8(std::string_view text);
bool same_text(std::string_view a, std::string_view b);  ///< equal but for the case of ASCII letters
std::string_view status_text(int status);

}  // namespace sonde::web
