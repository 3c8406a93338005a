#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/net/address.h"

namespace sonde {

/// What a name stands for; empty addresses = `error` is a phrase that says why.
struct Resolution {
  std::vector<IpAddress> addresses;
  std::string error;
};

/// Turns names into addresses away from every loop. Called on the TaskLoop.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// `done` is called later, on a thread of the resolver's own or within this call; exactly once.
  virtual void resolve(const std::string& name, Family family, std::function<void(Resolution)> done) = 0;
};

/// The host's own resolver, one name at a time, at most 256 waiting.
std::unique_ptr<Resolver> system_resolver();
/// Addresses only, answered at once: for worlds without names.
std::unique_ptr<Resolver> literal_resolver();

}  // namespace sonde
