#include "probes/throughput/wire.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "probes/throughput/control_input.h"

using namespace sonde;
using namespace sonde::throughput;

namespace {

/// What both ends of a captured test said.
struct Capture {
  Bytes client, server;  ///< over the control connection
  std::vector<Bytes> datagrams_of_client, datagrams_of_server;
};

Capture read_capture(const std::string& name) {
  std::ifstream file(SONDE_TEST_DATA "/iperf3/" + name);
  REQUIRE(file);
  Capture capture;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string who, where, last;
    words >> who >> where;
    while (words >> last) {
    }
    const Bytes octets = from_hex(last);
    Bytes& control = who == "client" ? capture.client : capture.server;
    if (where == "control")
      control.insert(control.end(), octets.begin(), octets.end());
    else
      (who == "client" ? capture.datagrams_of_client : capture.datagrams_of_server).push_back(octets);
  }
  return capture;
}

/// The documents of one end, behind as many other octets.
std::string json_after(const Bytes& said, std::size_t skip, int which = 1) {
  ControlInput input;
  input.add(std::span(said).subspan(skip));
  std::string json;
  REQUIRE(input.take_json(kMostResultOctets, json) == ControlInput::Json::whole);
  if (which == 2) {
    input.take(1);
    REQUIRE(input.take_json(kMostResultOctets, json) == ControlInput::Json::whole);
  }
  return json;
}

Parameters rich() {
  Parameters p;
  p.omit_seconds = 1;
  p.seconds = 30;
  p.parallel = 2;
  p.both_ways = true;
  p.window_octets = 65536;
  p.block_octets = 8192;
  p.segment_octets = 1000;
  p.no_delay = true;
  p.rate_bps = 1'000'000;
  p.traffic_class = 32;
  p.congestion = "cubic";
  p.wants_server_output = true;
  p.client_version = "3.12";
  return p;
}

EndResults two_streams() {
  EndResults results{12.5, 2.5, 10, true, true, "bbr", "text", {}};
  results.streams.push_back({1, 4096, 7, 0.001, 2, 100, 0, 10.5, {}});
  results.streams.push_back({3, 8192, {}, 7.6e-05, -1, 90, 0, 10.25, 3});
  return results;
}

}  // namespace

TEST_CASE("what a real iperf3 client asks for is read: TCP, UDP, and in reverse with wide counters") {
  const auto tcp = decode_parameters(json_after(read_capture("tcp.txt").client, kCookieOctets));
  REQUIRE(tcp);
  CHECK(*tcp == Parameters{.octets = 4096, .block_octets = 1024, .client_version = "3.12"});
  const auto udp = decode_parameters(json_after(read_capture("udp.txt").client, kCookieOctets));
  REQUIRE(udp);
  CHECK(*udp ==
        Parameters{.udp = true, .blocks = 3, .block_octets = 64, .rate_bps = 1'000'000, .client_version = "3.12"});
  const auto wide = decode_parameters(json_after(read_capture("udp64.txt").client, kCookieOctets));
  REQUIRE(wide);
  CHECK(wide->wide_counters);
  CHECK(wide->reverse);
}

TEST_CASE("a real server's results are read, with its -1 that it prints as two to the sixty-fourth less one") {
  // 09 0a 01 02 0d, then the document.
  const auto results = decode_results(json_after(read_capture("tcp.txt").server, 5));
  REQUIRE(results);
  CHECK_FALSE(results->sends);
  CHECK(results->congestion == "bbr");
  REQUIRE(results->streams.size() == 1);
  CHECK(results->streams[0].octets == 4096);
  CHECK_FALSE(results->streams[0].retransmits);
  CHECK(results->streams[0].end_seconds == Approx(0.000643));
  const auto client = decode_results(json_after(read_capture("tcp.txt").client, kCookieOctets, 2));
  REQUIRE(client);
  CHECK(client->sends);
  CHECK(client->counts_retransmits);
  CHECK(client->streams[0].retransmits == 0U);
}

TEST_CASE("captured datagrams have the numbers 1, 2, 3 and the sender's steady clock") {
  const Capture udp = read_capture("udp.txt");
  REQUIRE(udp.datagrams_of_client.size() == 4);
  CHECK(std::ranges::equal(udp.datagrams_of_client[0], kUdpHello));
  CHECK(std::ranges::equal(udp.datagrams_of_server[0], kUdpAnswer));
  for (std::size_t i = 1; i < 4; ++i) {
    const DatagramHeader header = decode_datagram(udp.datagrams_of_client[i], false);
    CHECK(header.sequence == i);
    CHECK(header.seconds == 0x6d2);
    Bytes again(12);
    encode(header, false, again.data());
    CHECK(again == Bytes(udp.datagrams_of_client[i].begin(), udp.datagrams_of_client[i].begin() + 12));
  }
  const Capture wide = read_capture("udp64.txt");
  const DatagramHeader header = decode_datagram(wide.datagrams_of_server[1], true);
  CHECK(header.sequence == 1);
  Bytes again(16);
  encode(header, true, again.data());
  CHECK(again == wide.datagrams_of_server[1]);
}

TEST_CASE("parameters and results survive the way there") {
  CHECK(decode_parameters(encode(rich())) == rich());
  CHECK(decode_results(encode(two_streams())) == two_streams());
}

TEST_CASE("our parameters are what a 3.12 server takes: exactly one protocol, and true where it wants true") {
  const std::string json = encode(rich());
  CHECK(json.find(R"({"tcp":true,"omit":1,"time":30,"num":0,"blockcount":0,"MSS":1000,"nodelay":true,"parallel":2,)") ==
        0);
  CHECK(json.find(R"("bidirectional":true)") != std::string::npos);
  CHECK(json.find("udp") == std::string::npos);
}

TEST_CASE("parameters and results of which a part is missing or wrong are no parameters and no results") {
  const auto json = GENERATE(as<std::string>{}, "", "{", "[]", "1", R"({"tcp":true,"time":"10"})", R"({"time":1.5})",
                             R"({"parallel":-1})", R"({"udp":true,"tcp":true})", R"({"num":1e30})");
  CHECK_FALSE(decode_parameters(json));
  const auto results = GENERATE(
      as<std::string>{}, "", "{}", R"({"cpu_util_total":1,"cpu_util_user":1,"cpu_util_system":1,"streams":[]})",
      R"({"cpu_util_total":1,"cpu_util_user":1,"cpu_util_system":1,"sender_has_retransmits":1,"streams":[{}]})",
      R"({"cpu_util_total":1,"cpu_util_user":1,"cpu_util_system":1,"sender_has_retransmits":1,"streams":[{"id":0,"bytes":1,"retransmits":0,"jitter":0,"errors":0,"packets":0}]})");
  CHECK_FALSE(decode_results(results));
  CHECK_FALSE(decode_parameters("{\"title\":\"" + std::string(9000, 'x') + "\"}"));
}

TEST_CASE("truncated and flipped octets never do more than fail") {
  const std::string parameters = encode(rich()), results = encode(two_streams());
  for (std::size_t length = 0; length < parameters.size(); ++length)
    CHECK_FALSE(decode_parameters(std::string_view(parameters).substr(0, length)));
  for (std::size_t length = 0; length < results.size(); ++length)
    CHECK_FALSE(decode_results(std::string_view(results).substr(0, length)));
  const auto random = seeded_random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string a = parameters, b = results;
    for (int flips = 0; flips < 3; ++flips) {
      a[random->below(a.size())] ^= static_cast<char>(1 << random->below(8));
      b[random->below(b.size())] ^= static_cast<char>(1 << random->below(8));
    }
    if (const auto read = decode_parameters(a)) CHECK(read->congestion.size() <= 16);
    if (const auto read = decode_results(b)) CHECK(read->streams.size() <= 2 * kMostStreams);
  }
}

TEST_CASE("states and errors have iperf3's numbers") {
  CHECK(state_from(std::byte{0xff}) == State::access_denied);
  CHECK(state_from(std::byte{0x0d}) == State::exchange_results);
  CHECK_FALSE(state_from(std::byte{3}));
  CHECK(to_hex(encode_server_error(Trouble::total_rate)) == "fe0000001b00000000");
  CHECK_FALSE(decode_server_error(Bytes(7)));
  CHECK(meaning_of({27, 0}) == "the total rate is above what it allows");
  CHECK(meaning_of({999, 0}) == "iperf3 error number 999");
  CHECK(stream_id(0) == 1);
  CHECK(stream_id(1) == 3);
  CHECK(stream_id(5) == 7);
}

TEST_CASE("a cookie is 36 characters of a to z and 2 to 7, and a zero") {
  const auto random = seeded_random(1);
  const Cookie cookie = make_cookie(*random);
  CHECK(cookie.back() == std::byte{0});
  CHECK(text_of(cookie).size() == 36);
  CHECK(text_of(cookie).find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
}
