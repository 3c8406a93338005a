#include <catch2/catch.hpp>

#include "core/base/random.h"
#include "test/web/served.h"

using namespace sonde;
using namespace sonde::web;
using namespace sonde::web::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr std::string_view kGet = "GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// The answer to bytes that nothing follows.
std::string answer_to(const Served& served, std::string_view bytes) {
  Client client = served.connect();
  client.send(bytes);
  client.finish_sending();
  return client.read_to_end();
}

std::string filled(std::string_view front, std::size_t count, char fill, std::string_view back) {
  return std::string(front) + std::string(count, fill) + std::string(back);
}

}  // namespace

TEST_CASE("a body above its limit is refused by its announcement, even if it is sent all the same") {
  Served served;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n";
  Client announces = served.connect();
  announces.send(head);
  CHECK_THAT(announces.read_to_end(), Contains("413") && Contains("10000000 bytes; at most 1048576"));
  Client sends = served.connect();
  sends.send(filled(head, 10'000'000, 'x', ""));
  CHECK(status_of(sends.read_to_end()) == "413");
  CHECK(status_of(answer_to(served, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901")) ==
        "413");
  CHECK(served.seen().empty());
  CHECK(status_of(answer_to(served, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890")) ==
        "200");
}

TEST_CASE("a body up to its limit arrives whole") {
  Served served;
  const std::string body(1 << 20, 'y');
  Client client = served.connect();
  client.send("PUT /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n" + body);
  CHECK(status_of(client.read_to_end()) == "200");
  REQUIRE(served.seen().size() == 1);
  CHECK(served.seen()[0].body == body);
}

TEST_CASE("a client that asks first is told to go on, or why not") {
  Served served;
  Client client = served.connect();
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  CHECK_THAT(client.read_until("\r\n\r\n"), Contains("100 Continue"));
  client.send("ab");
  CHECK(status_of(client.read_to_end()) == "200");
  Client refused = served.connect();
  refused.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n");
  CHECK(status_of(refused.read_to_end()) == "413");
}

TEST_CASE("half a request is told so and changes nothing") {
  Served served;
  CHECK(status_of(answer_to(served, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")) == "408");
  CHECK(status_of(answer_to(served, "GET /x HTTP/1.1\r\nHost:")) == "400");
  CHECK(answer_to(served, "").empty());
  CHECK(served.seen().empty());
}

TEST_CASE("a head that trickles does not keep its thread") {
  ServerOptions options = loopback_options();
  options.header_time = 400ms;
  Served served(options);
  Client client = served.connect();
  // Each byte comes well within the time, the whole head would take a hundred times as long.
  unsigned sent = 0;
  while (sent < 1000 && client.send("a")) {
    ++sent;
    std::this_thread::sleep_for(40ms);
  }
  CHECK(sent < 1000);
  CHECK(status_of(served.connect().get("/")) == "200");
}

TEST_CASE("a body that trickles or stalls is refused when its time is over") {
  ServerOptions options = loopback_options();
  options.header_time = 400ms;
  options.body_time = 600ms;
  Served served(options);
  Client stalls = served.connect();
  stalls.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc");
  CHECK_THAT(stalls.read_to_end(), Contains("408") && Contains("Of the 500 bytes of the body only 3 came in time."));
  Client trickles = served.connect();
  trickles.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  unsigned sent = 0;
  while (sent < 1000 && trickles.send("a")) {
    ++sent;
    std::this_thread::sleep_for(40ms);
  }
  CHECK(sent < 1000);
  CHECK(served.seen().empty());
}

TEST_CASE("a request inside the body of another is never taken for one") {
  Served served;
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
  const std::string post = "POST /x HTTP/1.1\r\nHost: a\r\n";
  std::string many;
  for (int i = 0; i < 64; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  for (const std::string& head : {
           post + "Transfer-Encoding: chunked\r\n" + length,        // which of the two counts?
           post + length + "Transfer-Encoding: chunked\r\n",        //
           post + "Transfer-Encoding: chunked\r\n",                 //
           post + "Transfer-Encoding: gzip, chunked\r\n" + length,  //
           post + "Transfer-Encoding: identity\r\n" + length,       //
           post + "Content-Length: 0\r\n" + length,                 //
           post + "Content-Length: 0, 5\r\n",                       //
           post + "X: a\r\n folded\r\n" + length,                   // headers that a careless reader does not reach
           post + "X: a\n\r\n" + length,                            //
           post + "X\xc3\xa9: a\r\n" + length,                      //
           post + many + length,                                    //
           post + "X : a\r\nX: \x01\r\n" + length,                  //
       }) {
    INFO(head);
    const std::string answer = answer_to(served, head + "\r\n" + hidden);
    CHECK((status_of(answer) == "400" || status_of(answer) == "411"));
    CHECK_THAT(answer, !Contains("seen"));
    CHECK_THAT(answer, Contains("\"sentence\""));
  }
  CHECK(served.seen().empty());
}

TEST_CASE("15 kB of anything in the address is a request like others, 17 kB are too many") {
  Served served;
  for (const char fill : {'/', 'a', '.', '%', '\\', '?', '&'}) {
    INFO(fill);
    const std::string bytes = filled("GET /", 15'000, fill, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(status_of(answer_to(served, bytes)) == (fill == '%' ? "400" : "200"));
    CHECK(status_of(answer_to(served, filled("GET /", 17'000, fill, " HTTP/1.1\r\nHost: a\r\n\r\n"))) == "400");
  }
  CHECK(served.seen()[0].path == filled("/", 15'000, '/', ""));
  CHECK(status_of(answer_to(served, filled("GET /", 15'000, '/', "../../../.. HTTP/1.1\r\nHost: a\r\n\r\n"))) == "200");
}

TEST_CASE("NUL and broken UTF-8 in an address are refused with a sentence") {
  Served served;
  for (const std::string& path :
       {std::string("/a%00b"), std::string("/%ff"), std::string("/\xff"), std::string("/?q=%c3"), std::string("/%zz"),
        std::string("/a\0b", 4), std::string("relative"), std::string("")}) {
    INFO(path);
    const std::string answer = answer_to(served, "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(status_of(answer) == "400");
    CHECK_THAT(answer, Contains("\"sentence\""));
  }
  CHECK(served.seen().empty());
}

TEST_CASE("a refusal decided from the head comes before the body") {
  Served served;
  Client client = served.connect();
  client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  CHECK_THAT(client.read_to_end(), Contains("401") && Contains("Log in first."));
}

TEST_CASE("an upload is read piece by piece within its own limit") {
  Served served;
  Client client = served.connect();
  client.send(filled("PUT /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n",
                     5'000'000, 'z', ""));
  CHECK(status_of(client.read_to_end()) == "200");
  CHECK(served.upload_was_whole);
  CHECK(served.uploaded == 5'000'000);
  CHECK(status_of(answer_to(served, "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")) == "413");
}

TEST_CASE("an upload that breaks off is known as such") {
  Served served;
  const std::string answer = answer_to(served, "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\nabc");
  CHECK_THAT(answer, Contains("\"sentence\":\"broken off\""));
  CHECK_FALSE(served.upload_was_whole);
}

TEST_CASE("requests with bytes flipped, dropped and doubled end in an answer or a closed connection") {
  ServerOptions options = loopback_options();
  options.header_time = options.body_time = options.keep_alive_time = 200ms;
  Served served(options);
  const auto random = seeded_random(5357);
  const std::string whole =
      "POST /a%20b?c=d&e=%41 HTTP/1.1\r\nHost: [::1]:8443\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
      "Cookie: a=b; c=d\r\nConnection: close\r\n\r\nbody";
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = whole;
    for (std::uint64_t n = 1 + random->below(4); n > 0; --n) {
      const std::size_t at = random->below(bytes.size());
      const auto kind = random->below(3);
      if (kind == 0) bytes[at] = static_cast<char>(random->below(256));
      if (kind == 1) bytes.erase(at, 1 + random->below(8));
      if (kind == 2) bytes.insert(at, bytes.substr(at, 1 + random->below(16)));
    }
    const std::string answer = answer_to(served, bytes);
    INFO(bytes);
    CHECK((answer.empty() || !status_of(answer).empty()));
    CHECK(status_of(answer) != "500");
  }
  CHECK(status_of(answer_to(served, kGet)) == "200");
}
