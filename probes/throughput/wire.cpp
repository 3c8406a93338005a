#include "probes/throughput/wire.h"

#include <algorithm>
#include <cassert>

namespace sonde::throughput {

std::optional<State> state_from(std::byte octet) {
  const auto state = static_cast<State>(octet);
  switch (state) {
    case State::test_start:
    case State::test_running:
    case State::test_end:
    case State::parameters:
    case State::create_streams:
    case State::server_terminate:
    case State::client_terminate:
    case State::exchange_results:
    case State::display_results:
    case State::done:
    case State::access_denied:
    case State::server_error:
      return state;
  }
  return std::nullopt;
}

Cookie make_cookie(Random& random) {
  static constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyz234567";
  Cookie cookie{};
  for (std::size_t i = 0; i + 1 < cookie.size(); ++i)
    cookie[i] = static_cast<std::byte>(kCharacters[random.below(kCharacters.size())]);
  return cookie;
}

std::string text_of(const Cookie& cookie) {
  std::string text;
  for (const std::byte b : cookie)
    if (b >= std::byte{0x20} && b < std::byte{0x7f}) text += static_cast<char>(b);
  return text;
}

Bytes encode_server_error(Trouble trouble) {
  return ByteWriter{}
      .u8(static_cast<std::uint8_t>(State::server_error))
      .u32(static_cast<std::uint32_t>(trouble))
      .u32(0)
      .take();
}

std::optional<ServerError> decode_server_error(std::span<const std::byte> eight_octets) {
  ByteReader in(eight_octets);
  const ServerError error{static_cast<std::int32_t>(in.u32()), static_cast<std::int32_t>(in.u32())};
  if (!in.ok()) return std::nullopt;
  return error;
}

std::string meaning_of(const ServerError& error) {
  static const std::map<std::int32_t, std::string_view> kPhrases{
      {5, "the test is longer than it allows"},
      {6, "there are more streams than it allows"},
      {7, "the block size is not allowed"},
      {10, "the segment size is not allowed"},
      {16, "a test without a time is not allowed"},
      {20, "the size of the UDP datagrams is not allowed"},
      {27, "the total rate is above what it allows"},
      {37, "the test is longer than it allows"},
      {114, "it could not make sense of our parameters"},
      {117, "it could not make sense of our results"},
      {124, "it could not set the wanted buffer sizes"},
      {131, "the kernel gave it smaller buffers than asked for"},
      {134, "it does not have that congestion control"},
      {142, "it wants a user and a password, which this probe does not offer"},
      {144, "no data came in time"},
      {160, "the test took longer than announced"},
  };
  const auto found = kPhrases.find(error.number);
  if (found != kPhrases.end()) return std::string(found->second);
  return "iperf3 error number " + std::to_string(error.number);
}

Bytes frame_json(std::string_view json) {
  return ByteWriter{}.u32(static_cast<std::uint32_t>(json.size())).bytes(as_bytes(json)).take();
}

void encode(const DatagramHeader& header, bool wide_counters, std::byte* out) {
  const auto put = [&out](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<std::byte>(value >> shift);
  };
  put(header.seconds);
  put(header.microseconds);
  if (wide_counters) put(static_cast<std::uint32_t>(header.sequence >> 32));
  put(static_cast<std::uint32_t>(header.sequence));
}

DatagramHeader decode_datagram(std::span<const std::byte> data, bool wide_counters) {
  assert(data.size() >= header_octets(wide_counters));
  ByteReader in(data);
  DatagramHeader header{in.u32(), in.u32(), 0};
  header.sequence = wide_counters ? in.u64() : in.u32();
  return header;
}

}  // namespace sonde::throughput
