#include "web/server.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/base/error.h"
#include "web/civetweb/additions.h"
#include "web/http_wire.h"
#include "web/listeners.h"
#include "web/open_streams.h"
#include "web/sending.h"
#include "web/tls_context.h"

namespace sonde::web {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kShortLingerMs = 1'000;  // for a client that was too slow already

void init_library() {
  static std::once_flag once;
  static bool complete = false;
  std::call_once(once, [] {
    // The mask that counts is that of the first call: later ones report success falsely.
    constexpr unsigned kNeeded = MG_FEATURES_TLS | MG_FEATURES_IPV6;
    complete = (mg_init_library(kNeeded) & kNeeded) == kNeeded && mg_check_feature(MG_FEATURES_X_DOMAIN_SOCKET) != 0;
  });
  if (!complete) throw Error("This build's web server lacks TLS, IPv6 or Unix-domain sockets: build again.");
}

/// Only a keep-alive that CivetWeb will honour is promised.
bool wants_keep_alive(const mg_request_info& info, const HttpRequest& request) {
  const auto connection = request.header("Connection");
  if (request.has_header("Connection")) return same_text(connection, "keep-alive");
  return std::string_view(info.http_version) == "1.1";
}

struct Head {
  HttpRequest request;
  std::uint64_t length = 0;  ///< of the body
  std::optional<HttpResponse> refusal;
};

/// "https://host/path" instead of "/path": then that host counts and not the Host header (RFC 9112 §3.2.2).
void prefer_host_of(std::string_view uri, Headers& headers) {
  const auto host = uri.find("://");
  if (uri.starts_with('/') || host == std::string_view::npos) return;
  const auto rest = uri.substr(host + 3);
  for (auto& [name, value] : headers) {
    if (same_text(name, "Host")) value = rest.substr(0, rest.find('/'));
  }
}

Head read_head(const mg_request_info& info) {
  Head head;
  HttpRequest& request = head.request;
  request.method = info.request_method;
  request.is_tls = info.is_ssl != 0;
  request.is_local_socket = std::string_view(info.remote_addr) == "*";  // CivetWeb's word for a Unix-domain peer
  if (!request.is_local_socket) {
    request.client = info.remote_addr;
    request.client_port = static_cast<std::uint16_t>(info.remote_port);
  }
  for (int i = 0; i < info.num_headers; ++i) {
    request.headers.emplace_back(info.http_headers[i].name, info.http_headers[i].value);
  }
  prefer_host_of(info.request_uri, request.headers);
  auto framing = check_framing(request.headers);
  head.length = framing.length;
  head.refusal = std::move(framing.refusal);
  auto path = decode_percent(info.local_uri_raw);
  auto query = parse_query(info.query_string ? info.query_string : "");
  if (path) request.path = std::move(*path);
  if (query) request.query = std::move(*query);
  if (!head.refusal && (!path || !query)) {
    head.refusal =
        error_response(400, "The address is not valid: after percent-decoding it must be UTF-8 without NUL.");
  }
  return head;
}

class SocketBody final : public BodyReader {
 public:
  /// `until`: one deadline for the whole body; without it each read has `time`.
  SocketBody(mg_connection* connection, std::uint64_t length, milliseconds time,
             std::optional<steady_clock::time_point> until = std::nullopt)
      : connection_(connection), length_(length), time_(time), until_(until) {}
  std::uint64_t length() const override { return length_; }
  std::uint64_t left() const { return length_ - got_; }

  std::optional<std::size_t> read(std::span<char> out) override {
    const auto until = until_.value_or(steady_clock::now() + time_);
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left()));
    std::size_t filled = 0;
    while (filled < wanted) {
      if (steady_clock::now() > until) return std::nullopt;
      const int n = mg_read(connection_, out.data() + filled, std::min(wanted - filled, kPiece));
      if (n <= 0) return std::nullopt;
      filled += static_cast<std::size_t>(n);
      got_ += static_cast<std::uint64_t>(n);
    }
    return filled;
  }

 private:
  mg_connection* connection_;
  const std::uint64_t length_;
  const milliseconds time_;
  const std::optional<steady_clock::time_point> until_;
  std::uint64_t got_ = 0;
};

class SocketStream final : public EventStream {
 public:
  SocketStream(mg_connection* connection, OpenStreams::Place& place, std::string last_event_id)
      : connection_(connection), place_(place), last_event_id_(std::move(last_event_id)) {}
  std::stop_token gone() const override { return place_.gone(); }
  std::string_view last_event_id() const override { return last_event_id_; }

 protected:
  bool write(std::string_view text) override {
    if (closed()) return false;
    if (!write_all(connection_, text)) place_.leave();
    return !closed();
  }

 private:
  mg_connection* connection_;
  OpenStreams::Place& place_;
  const std::string last_event_id_;
};

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Handlers handlers, Log log)
      : options_(std::move(options)), handlers_(std::move(handlers)), log_(std::move(log)) {}
  ~Impl() { stop(); }

  void start();
  void stop();
  std::vector<std::uint16_t> ports() const;
  void reload_certificate() {
    if (tls_) tls_->reload();
  }
  unsigned open_streams() const { return streams_ ? streams_->count() : 0; }

 private:
  static Impl& of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }
  static int on_request(mg_connection* connection) { return of(connection).take(connection); }
  static int on_error(mg_connection* connection, int status, const char* message);
  static int on_log(const mg_connection* connection, const char* message);
  static int on_tls(void** context, void* self);

  std::vector<std::pair<std::string, std::string>> civetweb_options() const;
  int take(mg_connection* connection);
  int take_plain(mg_connection* connection, Head& head, bool keep);
  int take_upload(mg_connection* connection, Head& head, bool keep);
  int take_stream(mg_connection* connection, const Head& head);
  template <typename Call>
  HttpResponse guarded(const Call& call);

  const ServerOptions options_;
  const Handlers handlers_;
  const Log log_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<SocketFile> socket_file_;
  std::unique_ptr<OpenStreams> streams_;
  mg_context* context_ = nullptr;
  std::atomic<bool> running_{false};
};

std::vector<std::pair<std::string, std::string>> Server::Impl::civetweb_options() const {
  std::string ports;
  for (const ListenOn& where : options_.listen) {
    const bool v6 = where.address.find(':') != std::string::npos;
    ports += ports.empty() ? "" : ",";
    ports +=
        (v6 ? "[" + where.address + "]" : where.address) + ":" + std::to_string(where.port) + (where.tls ? "s" : "");
  }
  // Last: an earlier place would let a later colon turn the path into a host name.
  if (socket_file_) ports += (ports.empty() ? "x" : ",x") + socket_file_->bind_path();
  return {{"listening_ports", ports},
          {"num_threads", std::to_string(options_.threads)},
          {"connection_queue", "64"},
          {"request_timeout_ms", std::to_string(options_.header_time.count())},
          {"enable_keep_alive", "yes"},
          {"keep_alive_timeout_ms", std::to_string(options_.keep_alive_time.count())},
          {"tcp_nodelay", "1"},
          {"max_request_size", "16384"},
          {"decode_url", "no"},
          {"access_control_allow_origin", ""},
          {"access_control_allow_methods", ""},
          {"access_control_allow_headers", ""},
          {"enable_directory_listing", "no"},
          {"enable_auth_domain_check", "no"}};
}

void Server::Impl::start() {
  init_library();
  for (const ListenOn& at : options_.listen) at.socket < 0 ? check_can_listen(at) : sonde_mg_offer(at.socket);
  const bool tls = std::any_of(options_.listen.begin(), options_.listen.end(), [](const auto& l) { return l.tls; });
  if (tls) tls_ = std::make_unique<TlsContext>(options_.certificate_file, options_.key_file);
  if (!options_.socket_path.empty()) socket_file_ = std::make_unique<SocketFile>(options_.socket_path);
  streams_ = std::make_unique<OpenStreams>(options_.max_streams, options_.max_streams_per_source);

  const auto settings = civetweb_options();
  std::vector<const char*> list;
  for (const auto& [name, value] : settings) {
    list.push_back(name.c_str());
    list.push_back(value.c_str());
  }
  list.push_back(nullptr);
  mg_callbacks callbacks{};
  callbacks.begin_request = on_request;
  callbacks.http_error = on_error;
  callbacks.log_message = on_log;
  if (tls) callbacks.external_ssl_ctx = on_tls;
  context_ = mg_start(&callbacks, this, list.data());
  if (context_ == nullptr) throw Error("The web server did not start; a line before this one in the log says why.");
  if (socket_file_) socket_file_->publish();
  running_ = true;
}

void Server::Impl::stop() {
  if (streams_) streams_->close();
  running_ = false;
  if (context_ != nullptr) mg_stop(context_);
  context_ = nullptr;
  socket_file_.reset();
}

std::vector<std::uint16_t> Server::Impl::ports() const {
  std::vector<mg_server_port> found(options_.listen.size() + 1);
  std::vector<std::uint16_t> ports;
  const int n = context_ == nullptr ? 0 : mg_get_server_ports(context_, static_cast<int>(found.size()), found.data());
  for (int i = 0; i < n; ++i) ports.push_back(static_cast<std::uint16_t>(found[static_cast<std::size_t>(i)].port));
  return ports;
}

/// What CivetWeb refuses by itself, before there is a request that could be shown to anyone.
int Server::Impl::on_error(mg_connection* connection, int status, const char* message) {
  std::string_view sentence = message;
  if (status == 400) {
    sentence = "The request is malformed, incomplete or late, or longer than 16 kB without its body.";
  }
  refuse(connection, error_response(status, sentence), kShortLingerMs);
  return 0;
}

int Server::Impl::on_log(const mg_connection* connection, const char* message) {
  const Impl& self = of(connection);
  // Once running it tells of strangers' broken handshakes: nobody must act on those.
  if (!self.running_) {
    self.log_.error("web server", {{"reason", message}});
  } else {
    self.log_.debug("web server", {{"reason", message}});
  }
  return 1;
}

int Server::Impl::on_tls(void** context, void* self) {
  *context = static_cast<Impl*>(self)->tls_->native();
  return 1;
}

template <typename Call>
HttpResponse Server::Impl::guarded(const Call& call) {
  try {
    return call();
  } catch (const Error& error) {
    log_.warning("a web request could not be answered now", {{"reason", error.what()}});
    return error_response(503, "The node cannot answer this now; ask again soon, or for less. Its log says why.");
  } catch (const std::exception& error) {
    log_.error("a web request failed", {{"reason", error.what()}});
  }
  return error_response(500, "The node failed to answer this; its log says why.");
}

int Server::Impl::take(mg_connection* connection) {
  const mg_request_info& info = *mg_get_request_info(connection);
  Head head = read_head(info);
  if (head.refusal) return refuse(connection, *head.refusal);
  Intake intake;
  if (handlers_.intake) {
    const HttpResponse failed = guarded([&] {
      intake = handlers_.intake(head.request);
      return HttpResponse{};
    });
    if (failed.status >= 500) intake.refusal = failed;
  }
  const bool keep = wants_keep_alive(info, head.request);
  if (intake.refusal) {
    if (head.length > 0) return refuse(connection, *intake.refusal);
    return respond(connection, *intake.refusal, keep, head.request.method == "HEAD", log_);
  }
  if (head.length > intake.max_body) {
    return refuse(connection, error_response(413, "The body has " + std::to_string(head.length) + " bytes; at most " +
                                                      std::to_string(intake.max_body) + " are taken here."));
  }
  if (intake.kind == Intake::Kind::stream) return take_stream(connection, head);
  if (same_text(head.request.header("Expect"), "100-continue")) write_all(connection, "HTTP/1.1 100 Continue\r\n\r\n");
  if (intake.kind == Intake::Kind::upload) return take_upload(connection, head, keep);
  return take_plain(connection, head, keep);
}

int Server::Impl::take_plain(mg_connection* connection, Head& head, bool keep) {
  SocketBody body(connection, head.length, options_.body_time, steady_clock::now() + options_.body_time);
  // Grows with what came, not with what was promised.
  std::string& text = head.request.body;
  while (body.left() > 0) {
    const std::size_t before = text.size();
    text.resize(before + static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, body.left())));
    if (body.read(std::span(text).subspan(before))) continue;
    return refuse(connection,
                  error_response(408, "Of the " + std::to_string(head.length) + " bytes of the body only " +
                                          std::to_string(head.length - body.left()) + " came in time."),
                  kShortLingerMs);
  }
  return respond(connection, guarded([&] { return handlers_.answer(head.request); }), keep,
                 head.request.method == "HEAD", log_);
}

int Server::Impl::take_upload(mg_connection* connection, Head& head, bool keep) {
  SocketBody body(connection, head.length, options_.body_time);
  const HttpResponse response = guarded([&] { return handlers_.upload(head.request, body); });
  if (body.left() > 0) return refuse(connection, response);
  return respond(connection, response, keep, head.request.method == "HEAD", log_);
}

int Server::Impl::take_stream(mg_connection* connection, const Head& head) {
  const HttpRequest& request = head.request;
  OpenStreams::Place place(*streams_, request.is_local_socket ? "" : request.source(), sonde_mg_socket(connection));
  if (place.verdict() == OpenStreams::Verdict::too_many) {
    return refuse(connection, error_response(503, "All event streams of this node are in use (" +
                                                      std::to_string(options_.max_streams) + "). Try again later."));
  }
  if (place.verdict() == OpenStreams::Verdict::too_many_from_source) {
    return refuse(connection,
                  error_response(429, "Your address has " + std::to_string(options_.max_streams_per_source) +
                                          " event streams open, the most allowed. Close one first."));
  }
  HttpResponse start;
  start.content_type = "text/event-stream";
  if (head.length > 0 || !write_all(connection, response_head(start, false, std::nullopt))) place.leave();
  sonde_mg_close_after(connection);
  SocketStream stream(connection, place, std::string(request.header("Last-Event-ID")));
  if (!stream.closed()) {
    guarded([&] {
      handlers_.stream(request, stream);
      return HttpResponse{};
    });
  }
  return 200;
}

Server::Server(ServerOptions options, Handlers handlers, Log log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handlers), std::move(log))) {}
Server::~Server() = default;
void Server::start() { impl_->start(); }
void Server::stop() { impl_->stop(); }
std::vector<std::uint16_t> Server::ports() const { return impl_->ports(); }
void Server::reload_certificate() { impl_->reload_certificate(); }
unsigned Server::open_streams() const { return impl_->open_streams(); }

}  // namespace sonde::web
