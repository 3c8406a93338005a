#include "core/archive/coding.h"
#include "core/archive/result_coding.h"

namespace sonde {
namespace {

constexpr std::uint8_t kVersion = 1;

/// Every stamp against the one before it, so that a record of a steady stream takes about ten octets.
void put(CodingWriter& out, const std::vector<PacketRecord>& packets, UtcTime begin) {
  std::uint32_t sequence = 0;
  UtcTime scheduled = begin;
  for (const PacketRecord& p : packets) {
    out.whole(static_cast<std::int64_t>(p.sequence) - sequence);
    out.whole((p.scheduled - scheduled).count());
    out.whole((p.sent - p.scheduled).count());
    out.octet(p.hop_limit);
    out.octet(p.received ? 1 : 0);
    if (p.received) out.whole((*p.received - p.sent).count());
    sequence = p.sequence;
    scheduled = p.scheduled;
  }
}

/// Sums of damaged numbers must not overflow.
UtcTime later(UtcTime t, std::int64_t nanoseconds) {
  return UtcTime{Duration{static_cast<std::int64_t>(static_cast<std::uint64_t>(t.time_since_epoch().count()) +
                                                    static_cast<std::uint64_t>(nanoseconds))}};
}

std::optional<std::vector<PacketRecord>> get(CodingReader& in, UtcTime begin) {
  std::vector<PacketRecord> packets;
  PacketRecord p;
  p.scheduled = begin;
  for (std::size_t n = in.count(); n > 0; --n) {
    p.sequence += static_cast<std::uint32_t>(in.whole());
    p.scheduled = later(p.scheduled, in.whole());
    p.sent = later(p.scheduled, in.whole());
    p.hop_limit = in.octet();
    p.received.reset();
    if (in.octet() == 1) p.received = later(p.sent, in.whole());
    if (!in.ok()) return std::nullopt;
    packets.push_back(p);
  }
  return packets;
}

}  // namespace

Bytes encode_packets(const Result& result) {
  CodingWriter out;
  out.octet(kVersion);
  out.number(result.directions.size());
  for (const DirectionResult& d : result.directions) {
    out.number(d.packets.size());
    put(out, d.packets, result.begin);
  }
  return out.take();
}

bool decode_packets(std::span<const std::byte> body, Result& result) {
  CodingReader in(body);
  if (in.octet() != kVersion || in.count() != result.directions.size()) return false;
  std::vector<std::vector<PacketRecord>> directions;
  for (std::size_t i = 0; i < result.directions.size(); ++i) {
    auto packets = get(in, result.begin);
    if (!packets) return false;
    directions.push_back(std::move(*packets));
  }
  if (!in.at_end()) return false;
  for (std::size_t i = 0; i < directions.size(); ++i) result.directions[i].packets = std::move(directions[i]);
  return true;
}

Bytes encode_log(std::span<const LogLine> log, UtcTime begin, std::size_t most) {
  std::size_t octets = 0, lines = 0;
  while (lines < log.size() && (octets += log[log.size() - 1 - lines].text.size() + 10) <= most) ++lines;
  log = log.last(lines);
  CodingWriter out;
  out.octet(kVersion);
  out.number(log.size());
  for (const LogLine& line : log) {
    out.whole((line.time - begin).count());
    out.octet(static_cast<std::uint8_t>(line.level));
    out.text(line.text);
  }
  return out.take();
}

std::optional<std::vector<LogLine>> decode_log(std::span<const std::byte> body, UtcTime begin) {
  CodingReader in(body);
  if (in.octet() != kVersion) return std::nullopt;
  std::vector<LogLine> log;
  for (std::size_t n = in.count(); n > 0; --n) {
    LogLine line;
    line.time = later(begin, in.whole());
    const unsigned level = in.octet();
    line.text = in.text();
    if (!in.ok() || level > static_cast<unsigned>(LogLevel::error)) return std::nullopt;
    line.level = static_cast<LogLevel>(level);
    log.push_back(std::move(line));
  }
  return in.at_end() ? std::optional(std::move(log)) : std::nullopt;
}

}  // namespace sonde
