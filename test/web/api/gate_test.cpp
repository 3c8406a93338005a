#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"
#include "web/api/router.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

const std::string kPeer = R"({"name":"Bern","address":"192.0.2.9"})";

HttpRequest from(HttpRequest request, const std::string& client) {
  request.client = client;
  return request;
}

int status(ApiHouse& house, const HttpRequest& request) { return house.send(request).status; }

}  // namespace

TEST_CASE("before set-up other hosts get health and set-up, the pages' files, and nothing else") {
  ApiHouse house(false);
  for (const Route& route : routes()) {
    const std::string method(route.method);
    INFO(method << " " << route.pattern);
    const int got =
        status(house, house.request(method, example_path(route), route.body == Route::Body::json ? "{}" : ""));
    if (route.pattern == "/health")
      CHECK(got == 200);
    else if (route.pattern == "/setup/check")
      CHECK(got == 403);
    else if (route.pattern == "/setup")
      CHECK(got == (method == "GET" ? 200 : 403));
    else if (route.pattern == "/session" && method == "GET")
      CHECK(got == 200);
    else
      CHECK(got == 403);
  }
  const Json session = house.json(house.request("GET", "/session"));
  CHECK(session.find("node_name")->text.empty());
  CHECK_FALSE(session.find("may_read")->boolean);
  CHECK(status(house, house.request("GET", "//")) == 200);
}

TEST_CASE("before set-up this host may read and may not change, without any password") {
  ApiHouse house(false);
  for (const char* loopback : {"127.0.0.1", "127.9.9.9", "::1"}) {
    for (const char* path :
         {"/node", "/tests", "/peers", "/settings", "/limits", "/paths", "/results", "/runs", "/session"})
      CHECK(status(house, from(house.request("GET", path), loopback)) == 200);
    CHECK(status(house, from(house.request("POST", "/peers", kPeer), loopback)) == 403);
    CHECK(status(house, from(house.request("POST", "/tests/t1/run"), loopback)) == 403);
    CHECK(status(house, from(house.request("GET", "/users"), loopback)) == 403);
    CHECK(status(house, from(house.request("POST", "/peers/check", R"({"address":"192.0.2.7"})"), loopback)) == 403);
  }
  CHECK_FALSE(house.json(from(house.request("GET", "/session"), "127.0.0.1")).find("may_change")->boolean);
}

TEST_CASE("after set-up loopback is like any other address") {
  ApiHouse house;
  CHECK(status(house, from(house.request("GET", "/tests"), "127.0.0.1")) == 401);
  CHECK(status(house, from(house.request("GET", "/paths"), "::1")) == 401);
}

TEST_CASE("reading needs a login unless the operator chose public, and public is measurements only") {
  ApiHouse house;
  for (const Route& route : routes())
    if (route.needs != Needs::anybody) {
      const std::string method(route.method);
      INFO(method << " " << route.pattern);
      CHECK(status(house, house.request(method, example_path(route), route.body == Route::Body::json ? "{}" : "")) ==
            401);
    }
  house.node.set_config([](Config& config) {
    config.settings.public_reading = true;
    config.site.administrator = "A. N. Other";
  });
  for (const char* path : {"/paths", "/results", "/series", "/events", "/metrics", "/node"})
    CHECK(status(house, house.request("GET", path)) == 200);
  for (const char* path :
       {"/tests", "/peers", "/runs", "/settings", "/limits", "/timeline", "/pause-windows", "/users", "/tokens",
        "/node/firewall", "/node/certificate", "/results/01RESULT0000000000000000A1/packets?direction=forward"})
    CHECK(status(house, house.request("GET", path)) == 401);
  const Json node = house.json(house.request("GET", "/node"));
  for (const char* inside : {"ports", "interfaces", "certificate", "config_sentence", "versions"})
    CHECK_FALSE(node.find(inside));
  CHECK(node.find("site")->find("contact")->text.empty());
  CHECK(node.find("site")->find("administrator")->text.empty());
  CHECK_FALSE(house.json(house.request("GET", "/results/01RESULT0000000000000000A1")).find("log"));
  CHECK(house.json(house.as_viewer("GET", "/results/01RESULT0000000000000000A1")).find("log"));
}

TEST_CASE(
    "an unknown Host is misdirected, for pages too and on loopback too; addresses, localhost and own names are not") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.settings.web_names = {"sonde.example.org"}; });
  const auto with_host = [&](const std::string& path, const std::string& host) {
    auto request = house.request("GET", path);
    set_header(request, "Host", host);
    return request;
  };
  for (const char* bad :
       {"evil.example.com", "evil.example.com:8443", "gva.example.org.evil.com", "", "198.51.100.9.evil.com", "[::1"}) {
    INFO(bad);
    CHECK(status(house, with_host("/health", bad)) == 421);
    CHECK(status(house, with_host("//", bad)) == 421);
    CHECK(status(house, from(with_host("/health", bad), "127.0.0.1")) == 421);
    CHECK(status(house, with_host("/nothing", bad)) == 421);
  }
  for (const char* good :
       {"198.51.100.9", "[2001:db8::9]:8443", "localhost:8443", "gva.example.org", "SONDE.example.org:8443"}) {
    INFO(good);
    CHECK(status(house, with_host("/health", good)) == 200);
  }
  auto none = house.request("GET", "/health");
  drop_header(none, "Host");
  CHECK(status(house, none) == 421);
}

TEST_CASE("a change by a browser needs the token in a header, Origin equal to Host and a JSON content type") {
  ApiHouse house;
  const auto good = [&] { return house.as_admin("POST", "/peers", kPeer); };
  CHECK(status(house, good()) == 201);
  auto request = good();
  drop_header(request, "Sonde-CSRF");
  CHECK(status(house, request) == 403);
  request = good();
  set_header(request, "Sonde-CSRF", "00000000000000000000000000000000");
  CHECK(status(house, request) == 403);
  for (const char* origin : {"", "null", "https://evil.example.com", "http://198.51.100.9:8443", "https://198.51.100.9",
                             "https://198.51.100.9:8443.evil.com"}) {
    request = good();
    set_header(request, "Origin", origin);
    INFO(origin);
    CHECK(status(house, request) == 403);
  }
  request = good();
  drop_header(request, "Origin");
  CHECK(status(house, request) == 403);
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"}) {
    request = good();
    set_header(request, "Content-Type", type);
    CHECK(status(house, request) == 415);
  }
  request = good();
  set_header(request, "Content-Type", "application/json; charset=utf-8");
  CHECK(status(house, request) == 409);  // the peer is there by now
  request = house.as_admin("POST", "/tests/t1/pause");
  drop_header(request, "Content-Type");
  CHECK(status(house, request) == 415);
  request = house.as_admin("DELETE", "/tests/t1");
  drop_header(request, "Sonde-CSRF");
  CHECK(status(house, request) == 403);
  CHECK(house.node.snapshot()->config->test("t1"));
}

TEST_CASE("another site cannot log a browser in") {
  ApiHouse house;
  auto request = house.request("POST", "/session", R"({"user":"alice","password":"correct horse battery"})");
  set_header(request, "Origin", "https://evil.example.com");
  CHECK(status(house, request) == 403);
  set_header(request, "Origin", "https://198.51.100.9:8443");
  CHECK(status(house, request) == 200);
}

TEST_CASE("uploads come as octet streams, with the same proof, and have a limit of their own") {
  ApiHouse house;
  auto request = house.as_admin("PUT", "/node/certificate", "x");
  CHECK(status(house, request) == 415);
  set_header(request, "Content-Type", "application/octet-stream");
  CHECK(status(house, request) == 422);
  drop_header(request, "Sonde-CSRF");
  CHECK(status(house, request) == 403);
  request = house.as_admin("PUT", "/node/certificate", std::string(65'537, 'x'));
  set_header(request, "Content-Type", "application/octet-stream");
  CHECK(status(house, request) == 413);
}

TEST_CASE("bodies have a limit, and what takes no body takes none") {
  ApiHouse house;
  CHECK(house.api.intake(house.as_admin("POST", "/peers", kPeer)).max_body == 256 << 10);
  CHECK(house.api.intake(house.as_admin("GET", "/peers")).max_body <= 1024);
  CHECK(house.api.intake(house.request("GET", "//")).max_body == 0);
}

TEST_CASE("the cookie is named after the node, for hosts only, out of scripts' reach and never sent across sites") {
  ApiHouse house;
  const auto response =
      house.send(house.request("POST", "/session", R"({"user":"Alice","password":"correct horse battery"})"));
  REQUIRE(response.status == 200);
  const std::string cookie = header_of(response, "Set-Cookie");
  CHECK(cookie.starts_with("__Host-sonde-00112233="));
  for (const char* part : {"; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"})
    CHECK(cookie.find(part) != std::string::npos);
  CHECK(cookie.find("Domain") == std::string::npos);
  CHECK(cookie.find('=') + 33 == cookie.find(';'));
  CHECK(house.send(house.request("GET", "/session")).headers.size() >= 1);
  CHECK(header_of(house.send(house.request("GET", "/session")), "Set-Cookie").empty());
}

TEST_CASE("a session ends by logging out, by the password's change, by 12 idle hours and by 7 days") {
  ApiHouse house;
  const auto again = [&] { return status(house, house.as("victor", "GET", "/tests")); };
  SECTION("logging out") {
    const auto response = house.send(house.as("victor", "DELETE", "/session"));
    CHECK(response.status == 204);
    CHECK(header_of(response, "Set-Cookie").find("Max-Age=0") != std::string::npos);
    CHECK(again() == 401);
  }
  SECTION("a new password, and the new session goes on") {
    const auto response = house.send(house.as("victor", "PUT", "/session/password",
                                              R"({"current":"correct horse battery","password":"another long one"})"));
    REQUIRE(response.status == 200);
    CHECK(again() == 401);
    auto fresh = house.request("GET", "/tests");
    set_header(fresh, "Cookie", header_of(response, "Set-Cookie"));
    CHECK(status(house, fresh) == 200);
  }
  SECTION("idleness") {
    CHECK(again() == 200);
    house.clock.advance(std::chrono::hours(12) - std::chrono::seconds(1));
    CHECK(again() == 200);
    house.clock.advance(std::chrono::hours(12));
    CHECK(again() == 401);
  }
  SECTION("seven days, however busy") {
    for (int hours = 0; hours < 24 * 7; hours += 6) {
      CHECK(again() == 200);
      house.clock.advance(std::chrono::hours(6));
    }
    CHECK(again() == 401);
  }
}

TEST_CASE("a wrong current password is refused and changes nothing") {
  ApiHouse house;
  const auto response = house.send(
      house.as("victor", "PUT", "/session/password", R"({"current":"wrong","password":"another long one"})"));
  CHECK(response.status == 422);
  CHECK(body_of(response).find("field")->text == "current");
  CHECK(status(house, house.as("victor", "GET", "/tests")) == 200);
}

TEST_CASE("a program's token stands for its role and scope only, without cookie and token header") {
  ApiHouse house;
  const auto make = [&](const std::string& body) {
    return house.json(house.as_admin("POST", "/tokens", body)).find("token")->text;
  };
  const auto use = [&](const std::string& token, const std::string& method, const std::string& path,
                       const std::string& body = "") {
    auto request = house.request(method, path, body);
    set_header(request, "Authorization", "Bearer " + token);
    return status(house, request);
  };
  const std::string results =
      make(R"({"name":"a","role":"viewer","scope":["results"],"expires":"2027-06-01T00:00:00Z"})");
  CHECK(use(results, "GET", "/results") == 200);
  CHECK(use(results, "GET", "/tests") == 403);
  CHECK(use(results, "GET", "/health") == 403);
  const std::string viewer = make(R"({"name":"b","role":"viewer","expires":"2027-06-01T00:00:00Z"})");
  CHECK(use(viewer, "GET", "/tests") == 200);
  CHECK(use(viewer, "POST", "/peers", kPeer) == 403);
  const std::string admin = make(R"({"name":"c","role":"administrator","expires":"2027-06-01T00:00:00Z"})");
  CHECK(use(admin, "POST", "/peers", kPeer) == 201);
  CHECK(use("sonde_0", "GET", "/tests") == 401);
  CHECK(use("", "GET", "/tests") == 401);
  // a wrong token beside a good cookie is not forgiven
  auto both = house.as_admin("GET", "/tests");
  set_header(both, "Authorization", "Bearer wrong");
  CHECK(status(house, both) == 401);
  house.clock.advance(std::chrono::hours(24 * 365));
  CHECK(use(viewer, "GET", "/tests") == 401);
}

TEST_CASE("no list, answer or log gives a secret back") {
  ApiHouse house;
  const std::string token =
      house.json(house.as_admin("POST", "/tokens", R"({"name":"a","role":"viewer","expires":"2027-06-01T00:00:00Z"})"))
          .find("token")
          ->text;
  for (const char* path : {"/tokens", "/users", "/settings", "/session", "/node", "/node/certificate"}) {
    const std::string body = house.send(house.as_admin("GET", path)).body;
    CHECK(body.find(token) == std::string::npos);
    CHECK(body.find("scrypt") == std::string::npos);
    CHECK(body.find("PRIVATE KEY") == std::string::npos);
    CHECK(body.find(house.access.setup_code().text()) == std::string::npos);
  }
}

TEST_CASE("the command line's socket is an administrator without proof, and only it is") {
  ApiHouse house;
  auto request = house.request("POST", "/peers", kPeer);
  request.is_local_socket = true;
  request.client.clear();
  drop_header(request, "Host");
  CHECK(status(house, request) == 201);
}

TEST_CASE("failed logins delay the next try by source and account, and lock nobody out") {
  ApiHouse house;
  const auto log_in = [&](const std::string& user, const std::string& password, const std::string& client) {
    return house.send(from(
        house.request("POST", "/session", R"({"user":")" + user + R"(","password":")" + password + R"("})"), client));
  };
  REQUIRE(log_in("alice", ApiHouse::kPassword, "192.0.2.50").status == 200);
  for (int i = 0; i < 3; ++i) CHECK(log_in("alice", "wrong wrong", "203.0.113.66").status == 401);
  const auto delayed = log_in("alice", ApiHouse::kPassword, "203.0.113.66");
  CHECK(delayed.status == 429);
  CHECK(header_of(delayed, "Retry-After") == "1");
  // the account from elsewhere waits a little too, but not from where it was used well
  CHECK(log_in("alice", ApiHouse::kPassword, "198.51.100.77").status == 429);
  CHECK(log_in("alice", ApiHouse::kPassword, "192.0.2.50").status == 200);
  house.clock.advance(std::chrono::seconds(60));
  CHECK(log_in("alice", ApiHouse::kPassword, "203.0.113.66").status == 200);
}

TEST_CASE("an unknown user and a wrong password get the same answer") {
  ApiHouse house;
  const auto a = house.send(house.request("POST", "/session", R"({"user":"alice","password":"wrong wrong"})"));
  const auto b = house.send(house.request("POST", "/session", R"({"user":"nobody","password":"wrong wrong"})"));
  CHECK(a.status == 401);
  CHECK(a.body == b.body);
}

TEST_CASE("a configuration without users or a broken one does not open set-up again") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.set_up = false; });
  CHECK(status(house, house.request("GET", "/tests")) == 401);
  auto request = house.request("POST", "/setup", "{}");
  set_header(request, "Sonde-Setup-Code", house.access.setup_code().text());
  CHECK(status(house, request) == 409);
}
