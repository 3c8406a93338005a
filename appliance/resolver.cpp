#include "appliance/resolver.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "appliance/worker.h"

namespace sonde {
namespace {

IpAddress from_sockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    return IpAddress::v4(std::as_bytes(std::span<const in_addr, 1>(&in->sin_addr, 1)));
  }
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(address);
  return IpAddress::v6(std::as_bytes(std::span<const in6_addr, 1>(&in6->sin6_addr, 1)), in6->sin6_scope_id);
}

Resolution look_up(const std::string& name, Family family) {
  addrinfo hints{};
  hints.ai_family = family == Family::v4 ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  Resolution resolution;
  // The name is known, but has addresses of the other family only.
  if (error == EAI_NODATA) {
    resolution.error = "it has no " + std::string(to_string(family)) + " address";
    return resolution;
  }
  if (error != 0) {
    resolution.error = error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error);
    return resolution;
  }
  for (const addrinfo* one = found; one != nullptr && resolution.addresses.size() < 64; one = one->ai_next) {
    const IpAddress address = from_sockaddr(one->ai_addr);
    if (address.family() == family && std::ranges::find(resolution.addresses, address) == resolution.addresses.end())
      resolution.addresses.push_back(address);
  }
  freeaddrinfo(found);
  if (resolution.addresses.empty()) resolution.error = "it has no " + std::string(to_string(family)) + " address";
  return resolution;
}

/// Empty optional: `name` is no address and has to be looked up.
std::optional<Resolution> literal(const std::string& name, Family family) {
  const auto address = IpAddress::parse(name);
  if (!address) return std::nullopt;
  if (address->family() == family) return Resolution{{*address}, {}};
  return Resolution{{},
                    "it is an " + std::string(to_string(address->family())) + " address and the test asks for " +
                        std::string(to_string(family))};
}

class SystemResolver final : public Resolver {
 public:
  void resolve(const std::string& name, Family family, std::function<void(Resolution)> done) override {
    if (auto answer = literal(name, family)) return done(std::move(*answer));
    const auto shared = std::make_shared<std::function<void(Resolution)>>(std::move(done));
    if (!worker_.post([name, family, shared] { (*shared)(look_up(name, family)); }))
      (*shared)({{}, "256 names wait for the name server already"});
  }

 private:
  Worker worker_;
};

class LiteralResolver final : public Resolver {
 public:
  void resolve(const std::string& name, Family family, std::function<void(Resolution)> done) override {
    auto answer = literal(name, family);
    done(answer ? std::move(*answer) : Resolution{{}, "there are no names here"});
  }
};

}  // namespace

std::unique_ptr<Resolver> system_resolver() { return std::make_unique<SystemResolver>(); }
std::unique_ptr<Resolver> literal_resolver() { return std::make_unique<LiteralResolver>(); }

}  // namespace sonde
