#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "core/base/error.h"
#include "test/web/test_client.h"
#include "web/server.h"

namespace sonde::web::test {

inline ServerOptions loopback_options() {
  ServerOptions options;
  options.listen = {{"127.0.0.1", 0, false}};
  options.threads = 12;
  return options;
}

/// A started server whose handlers remember what reached them. Paths beginning with
/// /throw throw, /made are made while they are sent, /stream are event streams, /upload are uploads of at most 8 MiB,
/// /small take 10 bytes, /no are refused.
class Served {
 public:
  explicit Served(ServerOptions options = loopback_options()) : server(std::move(options), handlers(), Log{}) {
    server.start();
  }

  std::uint16_t port(std::size_t n = 0) const { return server.ports().at(n); }
  Client connect() const { return Client("127.0.0.1", port()); }
  std::vector<HttpRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  std::atomic<bool> upload_was_whole{false};
  std::atomic<std::uint64_t> uploaded{0};
  std::function<void(const HttpRequest&, EventStream&)> on_stream = [](const HttpRequest&, EventStream& stream) {
    stream.send("hello", "1", "{}");
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, stream.gone(), [] { return false; });
  };

 private:
  /// A body that is made while it is sent: "one", "two"; below /made/broken it fails after the first.
  static HttpResponse made(const std::string& path) {
    HttpResponse response{200, "text/plain"};
    response.produce = [path](const HttpResponse::Sink& sink) {
      sink(std::string_view("one"));
      sink({});
      if (path == "/made/broken") throw Error("the disk of 42 is gone");
      sink(std::string_view("two"));
    };
    return response;
  }
  Handlers handlers() {
    Handlers all;
    all.intake = [](const HttpRequest& head) {
      Intake intake;
      if (head.path.starts_with("/stream")) intake.kind = Intake::Kind::stream;
      if (head.path.starts_with("/upload")) intake = {Intake::Kind::upload, 8 << 20, {}};
      if (head.path.starts_with("/small")) intake.max_body = 10;
      if (head.path.starts_with("/no")) intake.refusal = error_response(401, "Log in first.");
      return intake;
    };
    all.answer = [this](const HttpRequest& request) {
      if (request.path == "/throw/busy") throw Error("the disk of 42 is slow");
      if (request.path.starts_with("/throw")) throw std::runtime_error("the secret is 42");
      if (request.path.starts_with("/made")) return made(request.path);
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
      return HttpResponse{200, "text/plain", "seen " + request.path, {{"X-Test", "yes"}}};
    };
    all.upload = [this](const HttpRequest&, BodyReader& body) {
      std::vector<char> piece(100'000);
      for (;;) {
        const auto n = body.read(piece);
        if (!n) return error_response(400, "broken off");
        if (*n == 0) break;
        uploaded += *n;
      }
      upload_was_whole = true;
      return HttpResponse{};
    };
    all.stream = [this](const HttpRequest& request, EventStream& stream) { on_stream(request, stream); };
    return all;
  }

  mutable std::mutex mutex_;
  std::vector<HttpRequest> seen_;

 public:
  Server server;  // last: its threads end before what they use
};

}  // namespace sonde::web::test
