#include "web/server.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "test/web/served.h"

using namespace sonde;
using namespace sonde::web;
using namespace sonde::web::test;
using Catch::Matchers::Contains;

namespace {

ServerOptions tls_options(const TemporaryFolder& folder) {
  const auto files = make_certificate(folder.path, "own", 7);
  ServerOptions options = loopback_options();
  options.listen = {{"127.0.0.1", 0, true}, {"::1", 0, true}};
  options.certificate_file = files.certificate;
  options.key_file = files.key;
  return options;
}

/// What start() says when it fails; empty when it works.
std::string failure_of(ServerOptions options) {
  Server server(std::move(options), {}, Log{});
  try {
    server.start();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void check_security_headers(const std::string& answer) {
  INFO(answer);
  CHECK_THAT(answer, Contains("Content-Security-Policy: default-src 'self'") && Contains("frame-ancestors 'none'") &&
                         Contains("X-Content-Type-Options: nosniff\r\n") &&
                         Contains("Referrer-Policy: no-referrer\r\n"));
  for (const char* unwanted : {"Access-Control", "Server:", "Strict-Transport-Security", "CivetWeb", "unsafe"}) {
    CHECK_THAT(answer, !Contains(unwanted));
  }
}

}  // namespace

TEST_CASE("it answers over TLS on IPv4 and on IPv6") {
  const TemporaryFolder folder;
  Served served(tls_options(folder));
  Client v4("127.0.0.1", served.port(0), Client::Tls{});
  Client v6("::1", served.port(1), Client::Tls{});
  REQUIRE(v4.handshake_done());
  REQUIRE(v6.handshake_done());
  CHECK(body_of(v4.get("/four")) == "seen /four");
  CHECK(body_of(v6.get("/six")) == "seen /six");
  const auto seen = served.seen();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].client == "127.0.0.1");
  CHECK(seen[1].client == "::1");
  CHECK(seen[0].is_tls);
  CHECK_FALSE(seen[0].is_local_socket);
}

TEST_CASE("TLS before 1.2 is refused") {
  const TemporaryFolder folder;
  Served served(tls_options(folder));
  CHECK_FALSE(Client("127.0.0.1", served.port(), Client::Tls{TLS1_1_VERSION}).handshake_done());
  CHECK(Client("127.0.0.1", served.port(), Client::Tls{TLS1_2_VERSION}).handshake_done());
  CHECK(Client("127.0.0.1", served.port(), Client::Tls{TLS1_3_VERSION}).handshake_done());
}

TEST_CASE("a body that is made while it is sent comes in chunks, and one that breaks off is seen not to be whole") {
  Served served;
  const std::string whole = served.connect().get("/made");
  CHECK_THAT(whole, Contains("Transfer-Encoding: chunked\r\n") && !Contains("Content-Length"));
  CHECK(body_of(whole) == "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  check_security_headers(whole);
  CHECK(body_of(served.connect().get("/made/broken")) == "3\r\none\r\n");
  auto old = served.connect();
  old.send("GET /made HTTP/1.0\r\nHost: localhost\r\n\r\n");
  CHECK(body_of(old.read_to_end()) == "onetwo");
  auto head = served.connect();
  head.send("HEAD /made HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(body_of(head.read_to_end()).empty());
}

TEST_CASE("bytes that are no TLS harm nobody") {
  const TemporaryFolder folder;
  Served served(tls_options(folder));
  Client plain = served.connect();
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  plain.read_to_end();
  CHECK(served.seen().empty());
  CHECK(status_of(Client("127.0.0.1", served.port(), Client::Tls{}).get("/")) == "200");
}

TEST_CASE("a renewed certificate is shown to new connections, a broken one to none") {
  const TemporaryFolder folder;
  Served served(tls_options(folder));
  Client before("127.0.0.1", served.port(), Client::Tls{});
  CHECK(before.certificate_serial() == 7);
  const auto other = make_certificate(folder.path, "other", 8);
  std::filesystem::copy_file(other.certificate, folder.path + "/own.pem",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK_THROWS_WITH(served.server.reload_certificate(), Contains("is not that of the certificate"));
  CHECK(Client("127.0.0.1", served.port(), Client::Tls{}).certificate_serial() == 7);
  std::filesystem::copy_file(other.key, folder.path + "/own.key", std::filesystem::copy_options::overwrite_existing);
  served.server.reload_certificate();
  CHECK(Client("127.0.0.1", served.port(), Client::Tls{}).certificate_serial() == 8);
  CHECK(status_of(before.get("/still")) == "200");
}

TEST_CASE("the command line's socket is for the same user only and leaves nothing behind") {
  const TemporaryFolder folder;
  const std::string path =
      folder.path + "/with, comma and a long name to pass the limit of a hundred and eight bytes/s";
  std::filesystem::create_directory(std::filesystem::path(path).parent_path());
  {
    ServerOptions options = loopback_options();
    options.listen.clear();
    options.socket_path = path;
    Served served(options);
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777) == 0600);
    std::filesystem::create_symlink(std::filesystem::path(path).parent_path(), folder.path + "/d");
    Client client(folder.path + "/d/s");
    CHECK(body_of(client.get("/local")) == "seen /local");
    const auto seen = served.seen();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].is_local_socket);
    CHECK(seen[0].is_loopback());
    CHECK(seen[0].client.empty());
    CHECK(seen[0].source() == "local");
    CHECK_THAT(failure_of(options), Contains("Another sonde") && Contains(path));
  }
  CHECK(std::filesystem::is_empty(std::filesystem::path(path).parent_path()));
}

TEST_CASE("a socket left by a crash is replaced, another file is not") {
  const TemporaryFolder folder;
  ServerOptions options = loopback_options();
  options.listen.clear();
  options.socket_path = folder.path + "/sonde.sock";
  std::ofstream(options.socket_path) << "precious";
  CHECK_THAT(failure_of(options), Contains("Move it away"));
  CHECK(std::filesystem::file_size(options.socket_path) == 8);
  std::filesystem::remove(options.socket_path);
  {
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options.socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(left);
  }
  Served served(options);
  CHECK(status_of(Client(options.socket_path).get("/")) == "200");
}

TEST_CASE("what prevents the start is said in a sentence") {
  Served first;
  ServerOptions options = loopback_options();
  options.listen[0].port = first.port();
  CHECK_THAT(failure_of(options),
             Contains("port " + std::to_string(first.port()) + " on 127.0.0.1") && Contains("another program has it"));
  options.listen = {{"192.0.2.1", 0, false}};
  CHECK_THAT(failure_of(options), Contains("does not have that address"));
  options.listen = {{"localhost", 0, false}};
  CHECK_THAT(failure_of(options), Contains("\"localhost\" is no IP address"));
  options.listen = {{"127.0.0.1", 0, true}};
  options.certificate_file = "/nowhere/own.pem";
  CHECK_THAT(failure_of(options), Contains("/nowhere/own.pem"));
  const TemporaryFolder folder;
  std::ofstream(folder.path + "/own.pem") << "no certificate";
  options.certificate_file = folder.path + "/own.pem";
  CHECK_THAT(failure_of(options), Contains("There is no certificate"));
}

TEST_CASE("it can be stopped and started again") {
  Served served;
  served.server.stop();
  CHECK(served.server.ports().empty());
  served.server.start();
  CHECK(status_of(served.connect().get("/")) == "200");
}

TEST_CASE("a request arrives decoded, with the address it really came from") {
  Served served;
  Client client = served.connect();
  client.get("/a%20b/%C3%A9?x=1+2&y=%26", "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=198.51.100.1\r\n");
  const auto seen = served.seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].method == "GET");
  CHECK(seen[0].path == "/a b/é");
  CHECK(seen[0].query == std::map<std::string, std::string>{{"x", "1 2"}, {"y", "&"}});
  CHECK(seen[0].host() == "localhost");
  CHECK(seen[0].client == "127.0.0.1");
  CHECK(seen[0].client_port != 0);
}

TEST_CASE("an address in its long form counts as a whole, one of another server is refused") {
  Served served;
  const std::string here = "http://127.0.0.1:" + std::to_string(served.port());
  for (const auto& [uri, status] :
       {std::pair{here + "/long?x=1", "200"}, {"http://127.0.0.1:1/x", "421"}, {"*", "421"}, {here, "400"}}) {
    INFO(uri);
    Client client = served.connect();
    client.send("OPTIONS " + uri + " HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n");
    CHECK(status_of(client.read_to_end()) == status);
  }
  const auto seen = served.seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].path == "/long");
  CHECK(seen[0].query.at("x") == "1");
  CHECK(seen[0].host() == here.substr(7));
}

TEST_CASE("every response carries the security headers, refusals included") {
  Served served;
  check_security_headers(served.connect().get("/"));
  check_security_headers(served.connect().get("/no"));
  check_security_headers(served.connect().get("/throw"));
  check_security_headers(served.connect().get("/%ff"));
  for (const char* raw : {"nonsense\r\n\r\n", "GET / HTTP/3.7\r\nHost: a\r\n\r\n", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
                          "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.org\r\n"
                          "Access-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n",
                          "GET / HTTP/1.1\r\n\r\n"}) {
    Client client = served.connect();
    client.send(raw);
    check_security_headers(client.read_to_end());
  }
  Client stream = served.connect();
  stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  check_security_headers(stream.read_until("\r\n\r\n"));
}

TEST_CASE("what a handler throws stays here") {
  Served served;
  const std::string answer = served.connect().get("/throw");
  CHECK(status_of(answer) == "500");
  CHECK_THAT(answer, !Contains("42"));
  const std::string busy = served.connect().get("/throw/busy");
  CHECK(status_of(busy) == "503");
  CHECK_THAT(busy, Contains("ask again soon") && !Contains("42"));
  CHECK(status_of(served.connect().get("/")) == "200");
}

TEST_CASE("a connection serves request after request, also those sent ahead") {
  Served served;
  Client client = served.connect();
  client.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK_THAT(client.read_until("seen /2"), Contains("seen /1") && Contains("Connection: keep-alive"));
  CHECK_THAT(client.get("/3"), Contains("seen /3") && Contains("Connection: close"));
  const auto seen = served.seen();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].body == "abc");
  CHECK(seen[1].body.empty());
}

TEST_CASE("HEAD gets the length of the body and no body") {
  Served served;
  Client client = served.connect();
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  CHECK_THAT(answer, Contains("Content-Length: 7\r\n"));
  CHECK(body_of(answer).empty());
}
