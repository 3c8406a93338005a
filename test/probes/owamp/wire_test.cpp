#include "probes/owamp/wire.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::amp;
using namespace sonde::owamp;

namespace {

Sid sid_of(std::string_view hex) {
  Sid sid{};
  std::ranges::copy(from_hex(hex), sid.begin());
  return sid;
}
const Sid kSid = sid_of("7f000001eeab847b903675ddfd5ffb4a");

Request example_request(Family family, std::size_t slots) {
  Request request;
  request.family = family;
  request.server_receives = true;
  request.packets = 600;
  request.sender_port = 8761;
  request.receiver_port = 8762;
  request.sender = *IpAddress::parse(family == Family::v4 ? "192.0.2.1" : "2001:db8::1");
  request.receiver = *IpAddress::parse(family == Family::v4 ? "192.0.2.2" : "2001:db8::2");
  request.sid = kSid;
  request.padding = 100;
  request.start = {0xeeab847c85960fa0};
  request.timeout = 10ULL << 32;
  request.dscp = 46;
  for (std::size_t i = 0; i < slots; ++i)
    request.slots.push_back({i % 2 ? Slot::Kind::fixed : Slot::Kind::exponential, 0x19999999 + i});
  return request;
}

StopSessions example_stop() {
  return {Accept::ok, {{kSid, 600, {}}, {kSid, 9, {{1, 2}}}, {kSid, 100, {{0, 0}, {5, 7}, {99, 99}}}}};
}

FetchReply example_reply(std::size_t records) {
  FetchReply reply{Accept::ok, true, 700, {{3, 4}, {9, 9}}, example_request(Family::v6, 2), {}};
  for (std::uint32_t i = 0; i < records; ++i)
    reply.records.push_back(
        {i, {0x8123}, {0x8456}, {0xeeab847c00000000 + i}, {i % 3 ? 0xeeab847c10000000 + i : 0}, 250});
  return reply;
}

/// What every message must survive: any cut, and any bit turned over. Nothing is asked but that it returns.
template <typename Decode>
void torture(const Bytes& message, Decode decode) {
  for (std::size_t n = 0; n < message.size(); ++n) CHECK_FALSE(decode(std::span(message).first(n)));
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    Bytes flipped = message;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    decode(flipped);
  }
}

}  // namespace

TEST_CASE("a test packet comes back as written and its padding is left alone") {
  Bytes data(20, std::byte{0xaa});
  const TestPacket packet{7, {0xeeab847c92685db7}, {0x8a17}};
  encode(packet, data);
  CHECK(to_hex(data) == "00000007eeab847c92685db78a17aaaaaaaaaaaa");
  CHECK(decode_test_packet(data) == packet);
}

TEST_CASE("a test packet that is too short or claims no error is dropped") {
  Bytes data(14);
  encode(TestPacket{7, {1}, {0x0001}}, data);
  for (std::size_t n = 0; n < 14; ++n) CHECK_FALSE(decode_test_packet(std::span(data).first(n)));
  encode(TestPacket{7, {1}, {0x8500}}, data);
  CHECK_FALSE(decode_test_packet(data));
}

TEST_CASE("a request comes back as written") {
  const auto family = GENERATE(Family::v4, Family::v6);
  const std::size_t slots = GENERATE(1, 2, 1024);
  const Request request = example_request(family, slots);
  const Bytes data = encode(request);
  CHECK(data.size() == 112 + 16 * slots + 16);
  CHECK(decode_request(data) == request);
  CHECK(frame_command(data).state == Frame::State::whole);
  CHECK(frame_command(data).size == data.size());
}

TEST_CASE("a DSCP of 46 is 2e in the first octet of Type-P, and other kinds of Type-P are not known") {
  Bytes data = encode(example_request(Family::v4, 1));
  CHECK(to_hex(std::span(data).subspan(84, 4)) == "2e000000");
  for (const auto& [octet, value] : {std::pair{84, 0x40}, std::pair{84, 0x80}, std::pair{85, 1}, std::pair{87, 1}}) {
    Bytes other = data;
    other[static_cast<std::size_t>(octet)] |= static_cast<std::byte>(value);
    CHECK_FALSE(decode_request(other));
  }
}

TEST_CASE("a request with an unknown IP version, slot kind, no slot or too many slots is refused") {
  Bytes data = encode(example_request(Family::v4, 1));
  data[1] = std::byte{5};
  CHECK_FALSE(decode_request(data));
  data = encode(example_request(Family::v4, 1));
  data[112] = std::byte{2};
  CHECK_FALSE(decode_request(data));
  CHECK_FALSE(decode_request(encode(example_request(Family::v4, 0))));
  CHECK_FALSE(decode_request(encode(example_request(Family::v4, 1025))));
  CHECK(frame_command(encode(example_request(Family::v4, 1025))).state == Frame::State::illegal);
}

TEST_CASE("the small messages come back as written") {
  const AcceptSession accept{Accept::permanent_limit, 8761, kSid};
  CHECK(decode_accept_session(encode(accept)) == accept);
  CHECK(decode_start_ack(encode_start_ack(Accept::rejected)) == Accept::rejected);
  const FetchSession fetch{5, 99, kSid};
  CHECK(decode_fetch_session(encode(fetch)) == fetch);
  CHECK(frame_command(encode(fetch)).size == 48);
  CHECK(frame_command(encode_start_sessions()).size == 32);
}

TEST_CASE("Stop-Sessions fills each session to whole blocks and comes back as written") {
  CHECK(encode(StopSessions{}).size() == 32);
  CHECK(encode(StopSessions{Accept::ok, {{kSid, 3, {}}}}).size() == 64);
  CHECK(encode(StopSessions{Accept::ok, {{kSid, 3, {{0, 0}}}}}).size() == 64);
  CHECK(encode(StopSessions{Accept::ok, {{kSid, 3, {{0, 0}, {2, 2}}}}}).size() == 80);
  const Bytes data = encode(example_stop());
  CHECK(decode_stop_sessions(data) == example_stop());
  CHECK(frame_command(data).size == data.size());
}

TEST_CASE("skip ranges must ascend, lie apart and end below the next sequence number") {
  const auto stop = [](std::vector<SkipRange> skips) {
    return decode_stop_sessions(encode(StopSessions{Accept::ok, {{kSid, 10, std::move(skips)}}})).has_value();
  };
  CHECK(stop({{0, 9}}));
  CHECK(stop({{0, 3}, {4, 9}}));
  CHECK_FALSE(stop({{3, 2}}));
  CHECK_FALSE(stop({{0, 10}}));
  CHECK_FALSE(stop({{4, 5}, {5, 6}}));
  CHECK_FALSE(stop({{4, 5}, {0, 1}}));
  CHECK_FALSE(stop({{0, 0xffffffff}, {0, 1}}));
}

TEST_CASE("counts that no message can have end the framing before anything is allocated") {
  ByteWriter sessions;
  sessions.u8(3).zeros(3).u32(65).zeros(8);
  CHECK(frame_command(sessions.data()).state == Frame::State::illegal);
  ByteWriter skips;
  skips.u8(3).zeros(3).u32(1).zeros(8 + 16).u32(10).u32(kMostSkips + 1);
  CHECK(frame_command(skips.data()).state == Frame::State::illegal);
  Bytes slots = encode(example_request(Family::v4, 1));
  slots[4] = std::byte{0xff};
  CHECK(frame_command(slots).state == Frame::State::illegal);
  Bytes records = encode(example_reply(1));
  records[12] = std::byte{0xff};
  CHECK(frame_fetch_reply(records).state == Frame::State::illegal);
  for (const int command : {0, 5, 6, 255}) {
    const std::byte data[] = {static_cast<std::byte>(command)};
    CHECK(frame_command(data).state == Frame::State::illegal);
  }
}

TEST_CASE("a fetch reply comes back as written, its records filled to whole blocks") {
  const std::size_t records = GENERATE(0, 1, 16, 17, 700);
  const FetchReply reply = example_reply(records);
  const Bytes data = encode(reply);
  CHECK(data.size() % 16 == 0);
  CHECK(decode_fetch_reply(data) == reply);
  const FetchReply refused{Accept::rejected, false, 0, {}, {}, {}};
  CHECK(encode(refused).size() == 32);
  CHECK(decode_fetch_reply(encode(refused))->accept == Accept::rejected);
}

TEST_CASE("a frame grows with what has come until it is whole") {
  const Bytes reply = encode(example_reply(17)), stop = encode(example_stop());
  for (std::size_t n = 0; n < reply.size(); ++n) {
    const Frame frame = frame_fetch_reply(std::span(reply).first(n));
    REQUIRE(frame.state == Frame::State::partial);
    REQUIRE(frame.size > n);
    REQUIRE(frame.size <= reply.size());
  }
  for (std::size_t n = 0; n < stop.size(); ++n) {
    const Frame frame = frame_command(std::span(stop).first(n));
    REQUIRE(frame.state == Frame::State::partial);
    REQUIRE(frame.size > n);
    REQUIRE(frame.size <= stop.size());
  }
}

TEST_CASE("the largest reply fits into what a stream keeps waiting") {
  CHECK(32 + 112 + 16 * (kMostSlots + 1) + 16 + 8 * kMostSkips + 16 + kRecordSize * kMostRecords + 32 < 5 << 20);
  CHECK(kRecordSize * kMostRecords + 100'000 < 4 << 20);
}

TEST_CASE("no cut and no turned bit upsets a decoder") {
  torture(encode(example_request(Family::v4, 2)), decode_request);
  torture(encode(AcceptSession{Accept::ok, 8761, kSid}), decode_accept_session);
  torture(encode_start_ack(Accept::ok), decode_start_ack);
  torture(encode(example_stop()), decode_stop_sessions);
  torture(encode(FetchSession{0, 5, kSid}), decode_fetch_session);
  torture(encode(example_reply(3)), decode_fetch_reply);
}
