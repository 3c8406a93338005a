#include "core/base/identifier.h"

#include <algorithm>
#include <array>

namespace sonde {

std::string make_id(UtcTime now, Random& random) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto ms = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count()));
  std::string id;
  for (int shift = 45; shift >= 0; shift -= 5) id += kDigits[ms >> shift & 31];
  std::array<std::byte, 16> noise{};
  random.fill(noise);
  for (const std::byte b : noise) id += kDigits[static_cast<unsigned>(b) & 31];
  return id;
}

}  // namespace sonde
