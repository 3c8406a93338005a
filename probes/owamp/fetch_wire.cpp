#include "probes/owamp/wire_parts.h"

namespace sonde::owamp {
namespace {

constexpr std::size_t kFetchAck = 32;

/// The counts in a Fetch-Ack that say how much follows.
struct AckCounts {
  bool accepted = false;
  std::uint32_t skips = 0, records = 0;
};

AckCounts read_counts(std::span<const std::byte> ack) {
  ByteReader in(ack);
  AckCounts counts;
  counts.accepted = in.u8() == 0;
  in.skip(7);
  counts.skips = in.u32();
  counts.records = in.u32();
  return counts;
}

void write(ByteWriter& out, const Record& record) {
  out.u32(record.sequence).u16(record.send_error.bits).u16(record.receive_error.bits);
  out.u64(record.sent.bits).u64(record.received.bits).u8(record.hop_limit);
}

Record read_record(ByteReader& in) {
  Record record;
  record.sequence = in.u32();
  record.send_error = {in.u16()};
  record.receive_error = {in.u16()};
  record.sent = {in.u64()};
  record.received = {in.u64()};
  record.hop_limit = in.u8();
  return record;
}

}  // namespace

Bytes encode(const FetchReply& reply) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(reply.accept)).u8(reply.finished).zeros(2);
  if (reply.accept != amp::Accept::ok) return out.zeros(12 + kHmac).take();
  out.u32(reply.next_sequence).u32(static_cast<std::uint32_t>(reply.skips.size()));
  out.u32(static_cast<std::uint32_t>(reply.records.size())).zeros(kHmac).bytes(encode(reply.request));
  write(out, reply.skips);
  out.zeros(round_to_block(out.size()) - out.size() + kHmac);
  for (const Record& record : reply.records) write(out, record);
  return out.zeros(round_to_block(out.size()) - out.size() + kHmac).take();
}

Frame frame_fetch_reply(std::span<const std::byte> data) {
  if (data.size() < kFetchAck) return {Frame::State::partial, kFetchAck};
  const AckCounts counts = read_counts(data);
  if (!counts.accepted) return {Frame::State::whole, kFetchAck};
  if (counts.skips > kMostSkips || counts.records > kMostRecords) return {Frame::State::illegal, 0};
  const Frame request = frame_request(data.subspan(kFetchAck));
  if (request.state == Frame::State::illegal) return request;
  const std::size_t before = kFetchAck + request.size;
  if (request.state == Frame::State::partial) return {Frame::State::partial, before};
  const std::size_t size = before + round_to_block(8 * std::size_t{counts.skips}) + kHmac +
                           round_to_block(kRecordSize * std::size_t{counts.records}) + kHmac;
  return {data.size() < size ? Frame::State::partial : Frame::State::whole, size};
}

std::optional<FetchReply> decode_fetch_reply(std::span<const std::byte> data) {
  const Frame frame = frame_fetch_reply(data);
  if (frame.state != Frame::State::whole || frame.size != data.size()) return std::nullopt;
  ByteReader in(data);
  FetchReply reply;
  const auto accept = read_accept(in);
  if (!accept) return std::nullopt;
  reply.accept = *accept;
  reply.finished = in.u8() != 0;
  if (reply.accept != amp::Accept::ok) return reply;
  in.skip(2);
  reply.next_sequence = in.u32();
  const AckCounts counts = read_counts(data);
  in.skip(8 + kHmac);
  auto request = decode_request(in.take(frame_request(data.subspan(kFetchAck)).size));
  if (!request) return std::nullopt;
  reply.request = std::move(*request);
  // Without Finished the two fields in front have no meaning, so nothing bounds the ranges.
  auto skips = read_skips(in, counts.skips, reply.finished ? reply.next_sequence : UINT32_MAX);
  if (!skips) return std::nullopt;
  reply.skips = std::move(*skips);
  in.skip(round_to_block(8 * std::size_t{counts.skips}) - 8 * std::size_t{counts.skips} + kHmac);
  reply.records.reserve(counts.records);
  for (std::uint32_t i = 0; i < counts.records; ++i) reply.records.push_back(read_record(in));
  if (!in.ok()) return std::nullopt;
  return reply;
}

}  // namespace sonde::owamp
