#include "probes/owamp/wire.h"

#include <algorithm>
#include <cassert>

#include "probes/owamp/wire_parts.h"

namespace sonde::owamp {
namespace {

void write(ByteWriter& out, const IpAddress& address) { out.bytes(address.bytes()).zeros(16 - address.bytes().size()); }

IpAddress read_address(ByteReader& in, Family family) {
  std::array<std::byte, 16> bytes{};
  in.copy(std::span(bytes));
  return family == Family::v4 ? IpAddress::v4(std::span(bytes).first<4>()) : IpAddress::v6(bytes);
}

std::optional<std::vector<Slot>> read_slots(ByteReader& in, std::uint32_t count) {
  if (count == 0 || count > kMostSlots || in.left() != count * kBlock + kHmac) return std::nullopt;
  std::vector<Slot> slots(count);
  for (Slot& slot : slots) {
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(Slot::Kind::fixed)) return std::nullopt;
    slot.kind = static_cast<Slot::Kind>(kind);
    in.skip(7);
    slot.length = in.u64();
  }
  return slots;
}

bool is(Command command, std::span<const std::byte> data, std::size_t size) {
  return data.size() == size && data[0] == static_cast<std::byte>(command);
}

Frame frame_stop(std::span<const std::byte> data) {
  if (data.size() < kBlock) return {Frame::State::partial, kBlock};
  ByteReader in(data);
  in.skip(4);
  const std::uint32_t sessions = in.u32();
  if (sessions > kMostSessions) return {Frame::State::illegal, 0};
  std::size_t size = kBlock, total_skips = 0;
  for (std::uint32_t i = 0; i < sessions; ++i) {
    if (data.size() < size + 24) return {Frame::State::partial, size + 24};
    ByteReader session(data.subspan(size + 20));
    const std::uint32_t skips = session.u32();
    total_skips += skips;
    if (total_skips > kMostSkips) return {Frame::State::illegal, 0};
    size += round_to_block(24 + 8 * std::size_t{skips});
  }
  size += kHmac;
  return {data.size() < size ? Frame::State::partial : Frame::State::whole, size};
}

}  // namespace

amp::Sid read_sid(ByteReader& in) {
  amp::Sid sid{};
  in.copy(std::span(sid));
  return sid;
}

std::optional<amp::Accept> read_accept(ByteReader& in) { return amp::accept_from(in.u8()); }

void write(ByteWriter& out, const std::vector<SkipRange>& skips) {
  for (const SkipRange& skip : skips) out.u32(skip.first).u32(skip.last);
}

std::optional<std::vector<SkipRange>> read_skips(ByteReader& in, std::uint32_t count, std::uint32_t next_sequence) {
  if (count > kMostSkips || in.left() < 8 * std::size_t{count}) return std::nullopt;
  std::vector<SkipRange> skips(count);
  std::uint64_t least = 0;
  for (SkipRange& skip : skips) {
    skip = {in.u32(), in.u32()};
    if (skip.first < least || skip.last < skip.first || skip.last >= next_sequence) return std::nullopt;
    least = std::uint64_t{skip.last} + 1;
  }
  return skips;
}

Frame frame_request(std::span<const std::byte> data) {
  if (data.size() < 8) return {Frame::State::partial, 8};
  ByteReader in(data);
  if (in.u8() != static_cast<std::uint8_t>(Command::request_session)) return {Frame::State::illegal, 0};
  in.skip(3);
  const std::uint32_t slots = in.u32();
  if (slots > kMostSlots) return {Frame::State::illegal, 0};
  const std::size_t size = kRequestHeader + slots * kBlock + kHmac;
  return {data.size() < size ? Frame::State::partial : Frame::State::whole, size};
}

Frame frame_command(std::span<const std::byte> data) {
  if (data.empty()) return {Frame::State::partial, 1};
  const auto fixed = [&](std::size_t size) {
    return Frame{data.size() < size ? Frame::State::partial : Frame::State::whole, size};
  };
  switch (static_cast<Command>(data[0])) {
    case Command::request_session:
      return frame_request(data);
    case Command::start_sessions:
      return fixed(32);
    case Command::stop_sessions:
      return frame_stop(data);
    case Command::fetch_session:
      return fixed(48);
  }
  return {Frame::State::illegal, 0};
}

void encode(const TestPacket& packet, std::span<std::byte> out) {
  assert(out.size() >= kTestHeader);
  // Its stamp has been read already: no ByteWriter, which would allocate.
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t octets) {
    for (std::size_t i = 0; i < octets; ++i) out[at + i] = static_cast<std::byte>(value >> (8 * (octets - 1 - i)));
  };
  put(0, packet.sequence, 4);
  put(4, packet.sent.bits, 8);
  put(12, packet.error.bits, 2);
}

std::optional<TestPacket> decode_test_packet(std::span<const std::byte> data) {
  if (data.size() < kTestHeader) return std::nullopt;
  ByteReader in(data);
  const TestPacket packet{in.u32(), amp::NtpTime{in.u64()}, amp::ErrorEstimate{in.u16()}};
  if (!packet.error.legal()) return std::nullopt;
  return packet;
}

Bytes encode(const Request& request) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Command::request_session)).u8(static_cast<std::uint8_t>(request.family));
  out.u8(request.server_sends).u8(request.server_receives);
  out.u32(static_cast<std::uint32_t>(request.slots.size())).u32(request.packets);
  out.u16(request.sender_port).u16(request.receiver_port);
  write(out, request.sender);
  write(out, request.receiver);
  out.bytes(request.sid).u32(request.padding).u64(request.start.bits).u64(request.timeout);
  out.u32(std::uint32_t{request.dscp} << 24).zeros(8 + kHmac);
  for (const Slot& slot : request.slots) out.u8(static_cast<std::uint8_t>(slot.kind)).zeros(7).u64(slot.length);
  return out.zeros(kHmac).take();
}

std::optional<Request> decode_request(std::span<const std::byte> data) {
  ByteReader in(data);
  Request request;
  const std::uint8_t command = in.u8();
  const int version = in.u8() & 0x0f;
  if (command != static_cast<std::uint8_t>(Command::request_session) || (version != 4 && version != 6))
    return std::nullopt;
  request.family = version == 4 ? Family::v4 : Family::v6;
  request.server_sends = in.u8() != 0;
  request.server_receives = in.u8() != 0;
  const std::uint32_t slots = in.u32();
  request.packets = in.u32();
  request.sender_port = in.u16();
  request.receiver_port = in.u16();
  request.sender = read_address(in, request.family);
  request.receiver = read_address(in, request.family);
  request.sid = read_sid(in);
  request.padding = in.u32();
  request.start = {in.u64()};
  request.timeout = in.u64();
  // Type-P: top bits 00 announce a DSCP in the next six; other kinds, and bits behind it, are not known here.
  const std::uint32_t type_p = in.u32();
  if ((type_p & 0xc0ffffffU) != 0) return std::nullopt;
  request.dscp = static_cast<std::uint8_t>(type_p >> 24);
  in.skip(8 + kHmac);
  auto listed = read_slots(in, slots);
  if (!in.ok() || !listed) return std::nullopt;
  request.slots = std::move(*listed);
  return request;
}

Bytes encode(const AcceptSession& accept) {
  return ByteWriter{}
      .u8(static_cast<std::uint8_t>(accept.accept))
      .u8(0)
      .u16(accept.port)
      .bytes(accept.sid)
      .zeros(12 + kHmac)
      .take();
}

std::optional<AcceptSession> decode_accept_session(std::span<const std::byte> data) {
  if (data.size() != kAcceptSessionSize) return std::nullopt;
  ByteReader in(data);
  const auto accept = read_accept(in);
  if (!accept) return std::nullopt;
  in.skip(1);
  const std::uint16_t port = in.u16();
  return AcceptSession{*accept, port, read_sid(in)};
}

Bytes encode_start_sessions() {
  return ByteWriter{}.u8(static_cast<std::uint8_t>(Command::start_sessions)).zeros(15 + kHmac).take();
}

Bytes encode_start_ack(amp::Accept accept) {
  return ByteWriter{}.u8(static_cast<std::uint8_t>(accept)).zeros(15 + kHmac).take();
}

std::optional<amp::Accept> decode_start_ack(std::span<const std::byte> data) {
  if (data.size() != kStartAckSize) return std::nullopt;
  ByteReader in(data);
  return read_accept(in);
}

Bytes encode(const StopSessions& stop) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Command::stop_sessions)).u8(static_cast<std::uint8_t>(stop.accept)).zeros(2);
  out.u32(static_cast<std::uint32_t>(stop.sessions.size())).zeros(8);
  for (const StoppedSession& session : stop.sessions) {
    out.bytes(session.sid).u32(session.next_sequence).u32(static_cast<std::uint32_t>(session.skips.size()));
    write(out, session.skips);
    out.zeros(round_to_block(out.size()) - out.size());
  }
  return out.zeros(kHmac).take();
}

std::optional<StopSessions> decode_stop_sessions(std::span<const std::byte> data) {
  const Frame frame = frame_command(data);
  if (frame.state != Frame::State::whole || frame.size != data.size() || !is(Command::stop_sessions, data, data.size()))
    return std::nullopt;
  ByteReader in(data);
  in.skip(1);
  const auto accept = read_accept(in);
  if (!accept) return std::nullopt;
  StopSessions stop{*accept, {}};
  in.skip(2);
  stop.sessions.resize(in.u32());
  in.skip(8);
  for (StoppedSession& session : stop.sessions) {
    session.sid = read_sid(in);
    session.next_sequence = in.u32();
    const std::uint32_t count = in.u32();
    auto skips = read_skips(in, count, session.next_sequence);
    if (!skips) return std::nullopt;
    session.skips = std::move(*skips);
    in.skip(round_to_block(24 + 8 * std::size_t{count}) - 24 - 8 * std::size_t{count});
  }
  if (!in.ok()) return std::nullopt;
  return stop;
}

Bytes encode(const FetchSession& fetch) {
  return ByteWriter{}
      .u8(static_cast<std::uint8_t>(Command::fetch_session))
      .zeros(7)
      .u32(fetch.begin)
      .u32(fetch.end)
      .bytes(fetch.sid)
      .zeros(kHmac)
      .take();
}

std::optional<FetchSession> decode_fetch_session(std::span<const std::byte> data) {
  if (!is(Command::fetch_session, data, 48)) return std::nullopt;
  ByteReader in(data);
  in.skip(8);
  const std::uint32_t begin = in.u32(), end = in.u32();
  return FetchSession{begin, end, read_sid(in)};
}

}  // namespace sonde::owamp
