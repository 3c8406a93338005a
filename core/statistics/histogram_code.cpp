// The stored form of DelayHistogram. Version 1, every number a varint (7 bits a byte, lowest first, shortest form):
//   version (1 byte = 1), flags (1 byte: 1 = clock bound known, 2 = same clock),
//   clock bound (only if known), number of cells; and unless that is zero:
//   base (zigzag), greatest − base, merges,
//   then for each cell: bins left empty since the one before, count − 1.
// The first cell is always bin 0: the least delay is the base.
#include "core/statistics/delay_histogram.h"
#include "core/statistics/histogram_bins.h"

namespace sonde {
namespace {

constexpr std::uint8_t kVersion = 1, kBoundKnown = 1, kSameClock = 2;
constexpr std::int64_t kFarthest = std::int64_t{1} << 60;
constexpr std::uint64_t kMostPackets = std::uint64_t{1} << 48;

void put_varint(ByteWriter& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.u8(static_cast<std::uint8_t>(value | 0x80));
  out.u8(static_cast<std::uint8_t>(value));
}

/// Empty at the end of the data, above `most`, and in a longer form than needed.
std::optional<std::uint64_t> take_varint(ByteReader& in, std::uint64_t most) {
  const auto first = in.take(1);
  if (first.empty()) return std::nullopt;
  auto value = std::to_integer<std::uint64_t>(first[0]);
  // Nearly all counts and gaps are that small.
  if (value < 0x80) return value > most ? std::nullopt : std::optional(value);
  value &= 0x7F;
  for (unsigned shift = 7; shift < 63; shift += 7) {
    const std::uint8_t byte = in.u8();
    if (!in.ok()) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return byte == 0 || value > most ? std::nullopt : std::optional(value);
  }
  return std::nullopt;
}

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace

Bytes DelayHistogram::encode() const {
  ByteWriter out;
  out.u8(kVersion).u8((clock_.bound ? kBoundKnown : 0) | (clock_.same_clock ? kSameClock : 0));
  if (clock_.bound) put_varint(out, static_cast<std::uint64_t>(clock_.bound->count()));
  put_varint(out, cells_.size());
  if (cells_.empty()) return out.take();
  put_varint(out, zigzag(base_));
  put_varint(out, static_cast<std::uint64_t>(max_ - base_));
  put_varint(out, merges_);
  unsigned next = 0;
  for (const Cell& cell : cells_) {
    put_varint(out, cell.index - next);
    put_varint(out, cell.count - 1);
    next = cell.index + 1U;
  }
  return out.take();
}

std::optional<DelayHistogram> DelayHistogram::decode(std::span<const std::byte> data) {
  ByteReader in(data);
  DelayHistogram histogram;
  const std::uint8_t version = in.u8(), flags = in.u8();
  if (!in.ok() || version != kVersion || flags > (kBoundKnown | kSameClock)) return std::nullopt;
  histogram.clock_.same_clock = flags & kSameClock;
  if (flags & kBoundKnown) {
    const auto bound = take_varint(in, kFarthest);
    if (!bound) return std::nullopt;
    histogram.clock_.bound = Duration{static_cast<std::int64_t>(*bound)};
  }
  const auto cells = take_varint(in, histogram_bins::kBins);
  if (!cells || (*cells > 0 && !histogram.decode_cells(in, *cells))) return std::nullopt;
  return in.left() == 0 ? std::optional(std::move(histogram)) : std::nullopt;
}

bool DelayHistogram::decode_cells(ByteReader& in, std::uint64_t cells) {
  const auto base = take_varint(in, zigzag(kFarthest)), span = take_varint(in, 2 * kFarthest);
  const auto merges = take_varint(in, kMostMerges);
  if (!base || !span || !merges || cells > in.left() / 2) return false;
  base_ = from_zigzag(*base);
  max_ = base_ + static_cast<std::int64_t>(*span);
  merges_ = static_cast<unsigned>(*merges);
  cells_.reserve(cells);
  std::uint64_t index = 0;
  for (std::uint64_t i = 0; i < cells; ++i, ++index) {
    const auto gap = take_varint(in, histogram_bins::kBins), less_one = take_varint(in, kMostPackets - 1);
    if (!gap || !less_one || (i == 0 && *gap != 0)) return false;
    index += *gap;
    count_ += *less_one + 1;
    if (index >= histogram_bins::kBins || count_ > kMostPackets) return false;
    cells_.push_back({static_cast<std::uint16_t>(index), *less_one + 1});
  }
  // Unless a merge moved it, the greatest delay is in the last cell.
  return merges_ > 0 || histogram_bins::index(max_ - base_) == cells_.back().index;
}

}  // namespace sonde
