#include "probes/amp/sid.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace sonde::amp {

Sid make_sid(const IpAddress& receiver, UtcTime now, Random& random) {
  std::array<std::byte, 4> salt{};
  random.fill(salt);
  const Bytes bytes = ByteWriter{}.bytes(receiver.bytes().last(4)).u64(to_ntp(now).bits).bytes(salt).take();
  Sid sid{};
  std::ranges::copy(bytes, sid.begin());
  return sid;
}

}  // namespace sonde::amp
