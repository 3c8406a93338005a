#include "web/http.h"

#include <catch2/catch.hpp>

#include "web/http_wire.h"

using namespace sonde::web;
using Catch::Matchers::Contains;

namespace {

class RecordedStream final : public EventStream {
 public:
  std::stop_token gone() const override { return {}; }
  std::string_view last_event_id() const override { return {}; }
  std::string written;

 protected:
  bool write(std::string_view text) override {
    written += text;
    return true;
  }
};

HttpRequest from(std::string client) {
  HttpRequest request;
  request.client = std::move(client);
  return request;
}

int refusal(const Headers& headers) {
  const Framing framing = check_framing(headers);
  return framing.refusal ? framing.refusal->status : 0;
}

}  // namespace

TEST_CASE("only well-formed UTF-8 passes") {
  for (const char* text : {"", "a", "é", "€", "𝄞", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) CHECK(is_utf8(text));
  for (const char* text :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
    INFO(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("percent-encoding is undone once, and never to NUL or broken UTF-8") {
  CHECK(decode_percent("/a%20b%c3%a9+c") == "/a bé+c");
  CHECK(decode_percent("a+b%2B", true) == "a b+");
  CHECK(decode_percent("%2525") == "%25");
  for (const char* text : {"%", "%2", "%zz", "%00", "%ff", "%c3", "a%"}) {
    INFO(text);
    CHECK_FALSE(decode_percent(text));
  }
}

TEST_CASE("a query is names and values; the last of a name counts") {
  const auto query = parse_query("from=1&to=2&&flag&name=a%26b+c&to=3");
  REQUIRE(query);
  CHECK(*query == std::map<std::string, std::string>{{"from", "1"}, {"to", "3"}, {"flag", ""}, {"name", "a&b c"}});
  CHECK(parse_query("")->empty());
  CHECK_FALSE(parse_query("a=%00"));
  CHECK_FALSE(parse_query("%ff=1"));
}

TEST_CASE("a host is known when it is an IP literal, localhost or a configured name") {
  const std::vector<std::string> names{"sonde.example.org"};
  for (const char* host : {"192.0.2.1", "192.0.2.1:8443", "[2001:db8::1]", "[2001:db8::1]:8443", "localhost",
                           "LocalHost:1", "Sonde.example.org:8443"}) {
    INFO(host);
    CHECK(host_is_known(host, names));
  }
  for (const char* host : {"", ":8443", "evil.example.org", "192.0.2.1.evil.org", "localhost.evil.org", "[::1",
                           "[evil]", "[::1]evil", "sonde.example.org.", "192.0.2.300"}) {
    INFO(host);
    CHECK_FALSE(host_is_known(host, names));
  }
}

TEST_CASE("a source is an IPv4 address or an IPv6 /64") {
  CHECK(from("192.0.2.7").source() == "192.0.2.7");
  CHECK(from("2001:db8:1:2:3:4:5:6").source() == "2001:db8:1:2::/64");
  CHECK(from("2001:db8:1:2:ffff::").source() == from("2001:db8:1:2::1").source());
  CHECK(from("fe80::1%eth0").source() == "fe80::/64");
  CHECK(from("::1").is_loopback());
  CHECK(from("127.8.9.1").is_loopback());
  CHECK_FALSE(from("192.0.2.7").is_loopback());
}

TEST_CASE("headers are found whatever their case") {
  HttpRequest request;
  request.headers = {{"If-Match", "\"1\""}, {"if-match", "\"2\""}};
  CHECK(request.header("IF-MATCH") == "\"1\"");
  CHECK(request.has_header("if-Match"));
  CHECK_FALSE(request.has_header("If-None-Match"));
}

TEST_CASE("an error is a sentence in JSON") {
  const auto response = error_response(400, "Say \"please\".\n");
  CHECK(response.status == 400);
  CHECK(response.body == "{\"status\":400,\"field\":\"\",\"sentence\":\"Say \\\"please\\\".\\u000a\"}\n");
}

TEST_CASE("text with line ends cannot forge an event") {
  RecordedStream stream;
  stream.send("result\nid: 9", "7\r\n", "one\ntwo\r\n");
  CHECK(stream.written == "event: resultid: 9\nid: 7\ndata: one\ndata: two\ndata: \n\n");
  stream.written.clear();
  stream.comment("a\n\ndata: b");
  CHECK(stream.written == ": adata: b\n\n");
}

TEST_CASE("the end of a body is never in doubt") {
  CHECK(refusal({{"Host", "a"}}) == 0);
  CHECK(check_framing({{"Host", "a"}, {"content-length", "12"}}).length == 12);
  CHECK(check_framing({{"Host", "a"}, {"Content-Length", "12"}, {"Content-Length", "12"}}).length == 12);
  CHECK(refusal({{"Host", "a"}, {"Content-Length", "12"}, {"Content-Length", "13"}}) == 400);
  for (const char* length : {"", "+5", "-5", "5 5", "0x5", "5a", "99999999999999999999", "18446744073709551615"}) {
    INFO(length);
    CHECK(refusal({{"Host", "a"}, {"Content-Length", length}}) == 400);
  }
  CHECK(refusal({{"Host", "a"}, {"Transfer-Encoding", "chunked"}}) == 411);
  CHECK(refusal({{"Host", "a"}, {"Transfer-Encoding", "identity"}}) == 411);
  CHECK(refusal({{"Host", "a"}, {"Content-Length", "5"}, {"transfer-encoding", "chunked"}}) == 400);
  CHECK(refusal({}) == 400);
  CHECK(refusal({{"Host", "a"}, {"Host", "a"}}) == 400);
  CHECK(refusal({{"Host", "a"}, {"X", "\xff"}}) == 400);
}

TEST_CASE("a response's header cannot start another one") {
  HttpResponse response;
  response.headers = {{"X", "a\r\nSet-Cookie: b"}};
  response.content_type = "text/plain\r\n\r\nbody";
  const std::string head = response_head(response, true, 0);
  CHECK_THAT(head, Contains("X: a  Set-Cookie: b\r\n"));
  CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

TEST_CASE("nothing is stored by a browser unless the response says so") {
  HttpResponse response;
  CHECK_THAT(response_head(response, true, 0), Contains("Cache-Control: no-store\r\n"));
  response.headers = {{"cache-control", "max-age=9"}};
  CHECK_THAT(response_head(response, true, 0), !Contains("no-store"));
}
