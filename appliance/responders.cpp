#include "appliance/responders.h"

#include "appliance/privileges.h"
#include "probes/owamp/server.h"

namespace sonde {
namespace {

constexpr std::uint16_t kOwampPort = 861;

}  // namespace

/// What the loop's thread tells and the windows read.
struct Responders::Told {
  std::mutex mutex;
  Listening owamp;  // guarded by mutex
};

Responders::Responders(Parts parts) : parts_(std::move(parts)), told_(std::make_shared<Told>()) {
  told_->owamp = {kOwampPort, usable_port(kOwampPort, parts_.port_offset), "not open yet"};
}

void Responders::start() {
  if (const auto address = IpAddress::parse(parts_.address)) return start_at(*address);
  start_at(IpAddress::any(Family::v4));
  start_at(IpAddress::any(Family::v6));
}

void Responders::start_at(const IpAddress& address) {
  const Endpoint at{address, usable_port(kOwampPort, parts_.port_offset)};
  parts_.loop->start(owamp::make_server(
      {.listen = at,
       .test_ports = {parts_.test_ports.first, parts_.test_ports.second},
       .clock = *parts_.clock,
       .random = *parts_.random,
       .log = parts_.log.with("part", "owamp server"),
       .allowance = [limits = parts_.limits](const IpAddress& source) { return limits()->lookup("owamp", source); },
       .listening =
           [told = told_, at](const Opened& opened) {
             const std::lock_guard lock(told->mutex);
             // A host without IPv6 still answers on IPv4: the better news stays.
             if (opened)
               told->owamp.error.clear();
             else if (!told->owamp.error.empty())
               told->owamp.error = "Port " + std::to_string(at.port) + " is not open: " + opened.error +
                                   ". It is tried again every 10 s.";
           }}));
}

Listening Responders::owamp() const {
  const std::lock_guard lock(told_->mutex);
  return told_->owamp;
}

}  // namespace sonde
