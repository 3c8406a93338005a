#include "core/config/config.h"

#include <algorithm>

namespace sonde {

const Peer* Config::peer(const std::string& id) const {
  const auto found = std::ranges::find(peers, id, &Peer::id);
  return found == peers.end() ? nullptr : &*found;
}

const TestSpec* Config::test(const std::string& id) const {
  const auto found = std::ranges::find(tests, id, &TestSpec::id);
  return found == tests.end() ? nullptr : &*found;
}

}  // namespace sonde
