// How long the API takes while 50 viewers, each from an address of its own, look at a node with 40 paths: every viewer
// holds an event stream and asks once a second for what an open page asks.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kViewers = 50, kPaths = 40, kOffset = 27'000;
constexpr auto kLength = 30s;

sockaddr_in at(const std::string& address, int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, address.c_str(), &out.sin_addr);
  return out;
}

/// One kept-alive TLS connection. Throws Error when the server does not do as it should.
class Connection {
 public:
  Connection(SSL_CTX* context, const std::string& from, int port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const sockaddr_in own = at(from, 0), there = at("127.0.0.1", port);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0)
      throw Error("connect to", "the node", errno);
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    if (SSL_connect(ssl_) != 1) throw Error("The TLS handshake failed.");
  }
  ~Connection() {
    SSL_free(ssl_);
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void ask(const std::string& path) {
    const std::string text = "GET /api/v1" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    if (SSL_write(ssl_, text.data(), static_cast<int>(text.size())) <= 0)
      throw Error("The node closed the connection.");
  }
  /// Status and octets of one answer with a length.
  std::pair<int, std::size_t> answer() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) fill();
    const auto field = buffer_.find("Content-Length: ");
    if (field == std::string::npos || field > end) throw Error("An answer came without a length.");
    const std::size_t whole = end + 4 + std::stoul(buffer_.substr(field + 16));
    while (buffer_.size() < whole) fill();
    const int status = std::stoi(buffer_.substr(9, 3));
    buffer_.erase(0, whole);
    return {status, whole};
  }
  /// Reads what comes until the time is over.
  std::size_t read_events(Clock::time_point until) {
    std::size_t events = 0;
    while (Clock::now() < until) {
      fill();
      for (std::size_t at = 0; (at = buffer_.find("\n\n", at)) != std::string::npos; ++at) ++events;
      buffer_.clear();
    }
    return events;
  }

 private:
  void fill() {
    char part[16'384];
    const int n = SSL_read(ssl_, part, sizeof part);
    if (n <= 0) throw Error("The node did not answer in time.");
    buffer_.append(part, static_cast<std::size_t>(n));
  }
  int socket_;
  SSL* ssl_ = nullptr;
  std::string buffer_;
};

void must_be(const LocalAnswer& answer, int status) {
  if (answer.status != status) throw Error("The node answered " + std::to_string(answer.status) + ": " + answer.body);
}

/// What open pages ask for, with ids of this node.
std::vector<std::string> make_paths(const RunningNode& node) {
  for (int i = 0; i < kPaths; ++i) {
    const std::string address = "127.0.9." + std::to_string(i + 1);
    must_be(node.ask("POST", "/api/v1/peers", R"({"address":")" + address + R"("})"), 201);
    const std::string peer = node.get("/peers").find("items")->items.back().find("id")->text;
    must_be(
        node.ask(
            "POST", "/api/v1/tests",
            R"({"probe":"ping","peer":")" + peer +
                R"(","schedule":{"kind":"every","period":"10 s","spread":"5 s"},"options":{"count":"5","interval":"100 ms"}})"),
        201);
  }
  const std::string test = node.get("/tests").find("items")->items.back().find("id")->text;
  return {"/paths",
          "/paths",
          "/node",
          "/tests",
          "/events",
          "/runs",
          "/results?limit=20&test=" + test,
          "/tests/" + test + "/smoke?direction=round_trip",
          "/tests/self-owamp/smoke?direction=forward",
          "/series/self-clock.1.local.clock.offset/data"};
}

struct Figures {
  std::mutex mutex;
  std::vector<double> milliseconds;
  std::size_t refused = 0, octets = 0, events = 0;
};

void view(SSL_CTX* context, int number, int port, const std::vector<std::string>& asked, Clock::time_point until,
          Figures& out) {
  const std::string from = "127.0.1." + std::to_string(number + 1);
  std::jthread stream([&, from] {
    try {
      Connection connection(context, from, port);
      connection.ask("/stream");
      const std::size_t events = connection.read_events(until);
      const std::lock_guard lock(out.mutex);
      out.events += events;
    } catch (const Error& error) {
      std::cerr << "stream: " << error.what() << '\n';
    }
  });
  const auto random = seeded_random(static_cast<std::uint64_t>(number));
  Connection connection(context, from, port);
  for (auto next = Clock::now() + 1ms * random->below(1000); next < until; next += 1s) {
    std::this_thread::sleep_until(next);
    const auto begun = Clock::now();
    connection.ask(asked[random->below(asked.size())]);
    const auto [status, octets] = connection.answer();
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
    const std::lock_guard lock(out.mutex);
    out.milliseconds.push_back(took);
    out.octets += octets;
    if (status >= 300) ++out.refused;
  }
}

void figure(const std::string& name, double value, const char* unit, const std::string& aim) {
  std::printf("%s\t%.1f %s\t%s\n", name.c_str(), value, unit, aim.c_str());
}

}  // namespace

int main() {
  const TemporaryFolder folder;
  RunningNode node(folder / "node", kOffset);
  const auto asked = make_paths(node);
  std::this_thread::sleep_for(30s);  // every path has results by then
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  Figures figures;
  const auto until = Clock::now() + kLength;
  {
    std::vector<std::jthread> viewers;
    for (int i = 0; i < kViewers; ++i)
      viewers.emplace_back([&, i] {
        try {
          view(context, i, 8443 + kOffset, asked, until, figures);
        } catch (const Error& error) {
          std::cerr << "viewer: " << error.what() << '\n';
        }
      });
  }
  SSL_CTX_free(context);
  std::ranges::sort(figures.milliseconds);
  if (figures.milliseconds.empty() || figures.refused > 0) {
    std::cerr << figures.milliseconds.size() << " answers, of which refused " << figures.refused << '\n';
    return 1;
  }
  const auto percentile = [&](double p) {
    return figures.milliseconds[static_cast<std::size_t>(p * static_cast<double>(figures.milliseconds.size() - 1))];
  };
  figure("API, 50 viewers and streams, 40 paths: median", percentile(0.5), "ms", "");
  figure("API, 50 viewers and streams, 40 paths: p99", percentile(0.99), "ms", "< 50 ms");
  figure("API, 50 viewers and streams, 40 paths: longest", figures.milliseconds.back(), "ms", "");
  figure("API, answers looked at", static_cast<double>(figures.milliseconds.size()), "answers", "");
  figure("API, events that a stream brought a second", static_cast<double>(figures.events) / kViewers / 30, "/s", "");
  return node.terminate();
}
