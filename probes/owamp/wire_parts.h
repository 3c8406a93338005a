#pragma once

#include "probes/owamp/wire.h"

/// What the control messages share: used by wire.cpp and fetch_wire.cpp only.
namespace sonde::owamp {

inline constexpr std::size_t kBlock = 16;
inline constexpr std::size_t kRequestHeader = 112;
inline constexpr std::size_t round_to_block(std::size_t n) { return (n + kBlock - 1) / kBlock * kBlock; }

amp::Sid read_sid(ByteReader& in);
std::optional<amp::Accept> read_accept(ByteReader& in);
void write(ByteWriter& out, const std::vector<SkipRange>& skips);
/// None unless they ascend, lie apart and end below `next_sequence`.
std::optional<std::vector<SkipRange>> read_skips(ByteReader& in, std::uint32_t count, std::uint32_t next_sequence);
/// The message with its slots at the front of `data`; illegal where it is none or has too many slots.
Frame frame_request(std::span<const std::byte> data);

}  // namespace sonde::owamp
