#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sonde {

/// RFC 4737 over the first copies of one sample.
struct Reordering {
  std::uint64_t reordered = 0;                 ///< §3: sequence number below the next expected one
  std::optional<std::uint64_t> extent;         ///< §4.2, the greatest; empty = nothing was reordered
  std::array<std::uint64_t, 3> n_reordered{};  ///< §5: preceded directly by at least n = 1, 2, 3 later-sent packets
};

/// `sequences` in the order of arrival, each number once.
Reordering reordering(std::span<const std::uint32_t> sequences);

}  // namespace sonde
