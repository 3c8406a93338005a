#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "core/net/address.h"
#include "probes/owamp/wire.h"

using namespace sonde;
using namespace sonde::amp;
using namespace sonde::owamp;

/// Judges our decoders and encoders by what perfSONAR's owping 5.2.3 and owampd said to each other on the loopback
/// (test/data/owamp/ow_open.txt, from the capture beside it).
namespace {

struct Capture {
  std::vector<std::pair<std::string, Bytes>> messages;  ///< name and octets, in order
  std::vector<Bytes> test_packets;
};

Capture read_capture() {
  std::ifstream file(std::string(SONDE_TEST_DATA) + "/owamp/ow_open.txt");
  REQUIRE(file);
  Capture capture;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    // "###   Server-Greeting  S->C (64 octets)": the name begins at the first word and ends at two blanks.
    if (line.starts_with("### ")) {
      name = line.substr(line.find_first_not_of(' ', 3));
      name = name.substr(0, name.find("  "));
    }
    // " 9878->9902 len=14 00000000eeab..."
    if (line.starts_with(' ') && line.find("->") < line.find(" len="))
      capture.test_packets.push_back(from_hex(line.substr(line.rfind(' ') + 1)));
    if (line.starts_with("wire :")) {
      std::string hex = line.substr(6);
      std::erase(hex, ' ');
      capture.messages.emplace_back(name, from_hex(hex));
    }
  }
  return capture;
}

/// The octets of messages `from`..`to`, joined: parts that the capture's notes list one by one.
Bytes joined(const Capture& capture, std::size_t from, std::size_t to) {
  ByteWriter out;
  for (std::size_t i = from; i <= to; ++i) out.bytes(capture.messages[i].second);
  return out.take();
}

Sid sid_of(std::string_view hex) {
  Sid sid{};
  std::ranges::copy(from_hex(hex), sid.begin());
  return sid;
}
const Sid kForward = sid_of("7f000001eeab847b903675ddfd5ffb4a"), kReverse = sid_of("7f000001eeab847b90dc443988ebb111");

Request expected_request() {
  Request request;
  request.server_receives = true;
  request.packets = 3;
  request.sender_port = 9878;
  request.sender = request.receiver = IpAddress::loopback(Family::v4);
  request.start = {0xeeab847c85960fa0};
  request.timeout = 1ULL << 32;
  request.slots = {{Slot::Kind::fixed, 0x0ccccccc}};
  return request;
}

}  // namespace

TEST_CASE("the reference's connection set-up is read as it was meant") {
  const Capture capture = read_capture();
  REQUIRE(capture.messages.size() == 19);
  CHECK(capture.messages[0].first == "Server-Greeting");
  CHECK(decode_greeting(capture.messages[0].second) == Greeting{7});
  CHECK(decode_set_up_response(capture.messages[1].second) == SetUpResponse{kModeOpen});
  CHECK(encode(SetUpResponse{kModeOpen}) == capture.messages[1].second);
  const ServerStart start{Accept::ok, {0xeeab8479ce8cbd12}};
  CHECK(decode_server_start(capture.messages[2].second) == start);
  CHECK(encode(start) == capture.messages[2].second);
}

TEST_CASE("the reference's requests are read, and written to the octet") {
  const Capture capture = read_capture();
  const Bytes first = joined(capture, 3, 4), second = joined(capture, 6, 7);
  const Request request = expected_request();
  CHECK(decode_request(first) == request);
  CHECK(encode(request) == first);
  Request back = request;
  back.server_receives = false;
  back.server_sends = true;
  back.sender_port = 0;
  back.receiver_port = 9041;
  back.sid = kReverse;
  CHECK(decode_request(second) == back);
  CHECK(encode(back) == second);
}

TEST_CASE("the reference's answers and its start and stop are read, and written to the octet") {
  const Capture capture = read_capture();
  const AcceptSession accept{Accept::ok, 9902, kForward};
  CHECK(decode_accept_session(capture.messages[5].second) == accept);
  CHECK(encode(accept) == capture.messages[5].second);
  CHECK(encode_start_sessions() == capture.messages[9].second);
  CHECK(decode_start_ack(capture.messages[10].second) == Accept::ok);
  CHECK(encode_start_ack(Accept::ok) == capture.messages[10].second);
  const StopSessions ours{Accept::ok, {{kForward, 3, {}}}}, theirs{Accept::ok, {{kReverse, 3, {}}}};
  CHECK(decode_stop_sessions(capture.messages[11].second) == ours);
  CHECK(encode(ours) == capture.messages[11].second);
  CHECK(decode_stop_sessions(capture.messages[12].second) == theirs);
}

TEST_CASE("the reference's fetch is read, and written to the octet") {
  const Capture capture = read_capture();
  const FetchSession fetch{0, UINT32_MAX, kForward};
  CHECK(decode_fetch_session(capture.messages[13].second) == fetch);
  CHECK(encode(fetch) == capture.messages[13].second);
  const Bytes whole = joined(capture, 14, 18);
  const auto reply = decode_fetch_reply(whole);
  REQUIRE(reply);
  CHECK(encode(*reply) == whole);
  Request request = expected_request();
  request.receiver_port = 9902;
  request.sid = kForward;
  CHECK(reply->request == request);
  CHECK((reply->finished && reply->next_sequence == 3 && reply->skips.empty()));
  REQUIRE(reply->records.size() == 3);
  const Record second{1, kUnknownError, kUnknownError, {0xeeab847c9f3471f7}, {0xeeab847c9f365881}, 255};
  CHECK(reply->records[1] == second);
}

TEST_CASE("the reference's test packets are read, and written to the octet") {
  const Capture capture = read_capture();
  REQUIRE(capture.test_packets.size() == 6);
  const TestPacket expected{1, {0xeeab847c9f3471f7}, kUnknownError};
  CHECK(decode_test_packet(capture.test_packets[1]) == expected);
  Bytes written(14);
  encode(expected, written);
  CHECK(written == capture.test_packets[1]);
}
