// What an outgoing request may do: each rule of it with what breaks it.
#include "web/fetcher.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <ctime>
#include <mutex>

#include "core/access/certificate.h"
#include "core/base/error.h"
#include "test/support/temporary_folder.h"
#include "web/server.h"

using namespace sonde;
using namespace sonde::web;
using sonde::test::TemporaryFolder;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

/// Somebody else's server: /file is 100,000 octets, /to/X leads to X, /again for ever to itself, /slow says nothing for
/// a long time, /endless has no end, all else is 404.
class FarEnd {
 public:
  FarEnd() : certificate(folder.path(), UtcTime{}), server(options(), {.answer = answers()}, Log{}) { server.start(); }
  ~FarEnd() { over.request_stop(); }
  std::string plain(const std::string& path) const { return "http://far.example.org:" + port(0) + path; }
  std::string secure(const std::string& path) const { return "https://far.example.org:" + port(1) + path; }
  std::string port(std::size_t n) const { return std::to_string(server.ports().at(n)); }
  FetchRules rules() const {
    FetchRules rules{.listed = {{IpAddress::loopback(Family::v4), 32}}, .authorities = certificate.certificate_file()};
    rules.resolve = [](const std::string&) { return std::vector{IpAddress::loopback(Family::v4)}; };
    return rules;
  }

  TemporaryFolder folder;
  Certificate certificate;
  std::stop_source over;
  std::string to;  ///< where /to leads
  HttpRequest seen;
  Server server;

 private:
  ServerOptions options() {
    certificate.renew({"far.example.org", "127.0.0.1"}, utc_from_seconds(std::time(nullptr)));
    ServerOptions options;
    options.listen = {{"127.0.0.1", 0, false}, {"127.0.0.1", 0, true}};
    options.certificate_file = certificate.certificate_file();
    options.key_file = certificate.key_file();
    options.threads = 12;
    return options;
  }
  std::function<HttpResponse(const HttpRequest&)> answers() {
    return [this](const HttpRequest& request) -> HttpResponse {
      seen = request;
      if (request.path == "/file") return {200, "application/octet-stream", std::string(100'000, 'x')};
      if (request.path == "/to") return {302, "text/plain", "secret of the far end", {{"Location", to}}};
      if (request.path == "/again") return {302, "text/plain", "", {{"Location", "/again"}}};
      HttpResponse made{200, "application/octet-stream"};
      if (request.path == "/endless")
        made.produce = [](const HttpResponse::Sink& sink) {
          const std::string piece(10'000, 'x');
          while (sink(piece)) {
          }
        };
      else if (request.path == "/slow")
        made.produce = [this](const HttpResponse::Sink& sink) {
          sink(std::string_view("one"));
          std::mutex mutex;
          std::condition_variable_any never;
          std::unique_lock lock(mutex);
          never.wait_for(lock, over.get_token(), 60s, [] { return false; });
        };
      else
        return {404, "text/plain", "secret of the far end"};
      return made;
    };
  }
};

std::uint64_t octets(const std::string& address, const FetchRules& rules, const std::stop_token& stop = {}) {
  std::uint64_t taken = 0;
  const auto told = fetch(
      address, rules, [](std::uint64_t) {}, [&](std::span<const char> piece) { taken += piece.size(); }, stop);
  CHECK(told == taken);
  return taken;
}

std::string refusal(const std::string& address, const FetchRules& rules, const std::stop_token& stop = {}) {
  try {
    octets(address, rules, stop);
  } catch (const Error& error) {
    CHECK_THAT(error.what(), !Contains("secret"));
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a file is fetched by http and https, with nothing secret in the request") {
  FarEnd far;
  CHECK(octets(far.plain("/file?key=1"), far.rules()) == 100'000);
  CHECK_FALSE(far.seen.has_header("Cookie"));
  CHECK_FALSE(far.seen.has_header("Authorization"));
  CHECK_FALSE(far.seen.has_header("Referer"));
  CHECK(octets(far.secure("/file"), far.rules()) == 100'000);
  CHECK(octets("https://127.0.0.1:" + far.port(1) + "/file", far.rules()) == 100'000);
}

TEST_CASE("only http and https are asked, and no address that carries a name and password") {
  const FetchRules rules;
  for (const char* address :
       {"file:///etc/passwd", "ftp://far.example.org/x", "gopher://x", "//far.example.org/x", "x", ""})
    CHECK_THAT(refusal(address, rules), Contains("http"));
  CHECK_THAT(refusal("https://user:word@far.example.org/x", rules), Contains("name or password"));
  CHECK_THAT(refusal("https://far.example.org/" + std::string(3000, 'x'), rules), Contains("2048"));
}

TEST_CASE("addresses of this host and of no single other host are not asked, however they are written") {
  FarEnd far;
  FetchRules rules;
  rules.own = {IpAddress::parse("192.0.2.7").value()};
  for (const char* host : {"127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::]", "169.254.169.254", "[fe80::1]",
                           "224.0.0.1", "[ff02::1]", "255.255.255.255", "192.0.2.7", "[::ffff:127.0.0.1]"})
    CHECK_THAT(refusal("http://" + std::string(host) + ":" + far.port(0) + "/file", rules),
               Contains("nothing is fetched"));
  CHECK(far.seen.path.empty());
}

TEST_CASE("a name is resolved once, all it stands for is checked, and the checked address is the one connected to") {
  FarEnd far;
  FetchRules rules = far.rules();
  int asked = 0;
  rules.resolve = [&](const std::string&) {
    // a second look would lead elsewhere
    return std::vector{++asked == 1 ? IpAddress::loopback(Family::v4) : IpAddress::parse("192.0.2.9").value()};
  };
  CHECK(octets(far.plain("/file"), rules) == 100'000);
  CHECK(asked == 1);
  rules.resolve = [](const std::string&) {
    return std::vector{IpAddress::loopback(Family::v4), IpAddress::parse("169.254.169.254").value()};
  };
  CHECK_THAT(refusal(far.plain("/file"), rules), Contains("link-local"));
  rules.resolve = [](const std::string&) { return std::vector<IpAddress>(); };
  CHECK_THAT(refusal(far.plain("/file"), rules), Contains("has no address"));
}

TEST_CASE("redirects are followed three times, each checked like the first, never from https to http") {
  FarEnd far;
  far.to = "/file";
  CHECK(octets(far.plain("/to"), far.rules()) == 100'000);
  CHECK_THAT(refusal(far.plain("/again"), far.rules()), Contains("More than 3 times"));
  far.to = "http://169.254.169.254/file";
  CHECK_THAT(refusal(far.plain("/to"), far.rules()), Contains("link-local"));
  far.to = "file:///etc/passwd";
  CHECK_THAT(refusal(far.plain("/to"), far.rules()), Contains("Only addresses"));
  far.to = "https://user:word@far.example.org/";
  CHECK_THAT(refusal(far.plain("/to"), far.rules()), Contains("name or password"));
  far.to = far.plain("/file");
  CHECK_THAT(refusal(far.secure("/to"), far.rules()), Contains("from https to http"));
}

TEST_CASE("a certificate that nobody vouches for, or that is of another name, is refused") {
  FarEnd far;
  const FarEnd stranger;
  FetchRules rules = far.rules();
  rules.authorities = stranger.certificate.certificate_file();
  CHECK_THAT(refusal(far.secure("/file"), rules), Contains("ertificate"));
  CHECK_THAT(refusal("https://other.example.net:" + far.port(1) + "/file", far.rules()), Contains("ertificate"));
  CHECK(far.seen.path.empty());
}

TEST_CASE("what is too long, silent, torn, slow or refused ends with a sentence") {
  FarEnd far;
  FetchRules rules = far.rules();
  CHECK_THAT(refusal(far.plain("/none"), rules), Contains("status 404"));
  rules.most = 99'999;
  CHECK_THAT(refusal(far.plain("/file"), rules), Contains("longer than 99999"));
  CHECK_THAT(refusal(far.plain("/endless"), rules), Contains("longer than 99999"));
  rules.silence = 200ms;
  CHECK_THAT(refusal(far.plain("/slow"), rules), Contains("in time"));
  rules.most = std::uint64_t{1} << 50;
  rules.whole = 300ms;
  CHECK_THAT(refusal(far.plain("/endless"), rules), Contains("longer than"));
}

TEST_CASE("a fetch that is stopped ends") {
  FarEnd far;
  std::stop_source stop;
  FetchRules rules = far.rules();
  rules.most = std::uint64_t{1} << 50;
  std::uint64_t taken = 0;
  CHECK_THROWS_WITH(fetch(
                        far.plain("/endless"), rules, [](std::uint64_t) {},
                        [&](std::span<const char> piece) {
                          taken += piece.size();
                          stop.request_stop();
                        },
                        stop.get_token()),
                    Contains("stopped"));
  CHECK(taken < 1 << 20);
}
