#include "appliance/responders.h"

#include "appliance/privileges.h"
#include "probes/owamp/server.h"
#include "probes/throughput/wire.h"

namespace sonde {
namespace {

constexpr std::uint16_t kOwampPort = 861;

}  // namespace

/// What the loop's thread tells and the windows read.
struct Responders::Told {
  std::mutex mutex;
  Listening owamp, throughput;  // guarded by mutex
};

Responders::Responders(Parts parts)
    : parts_(std::move(parts)), floor_(throughput::make_floor()), told_(std::make_shared<Told>()) {
  told_->owamp = {kOwampPort, usable_port(kOwampPort, parts_.port_offset), "not open yet"};
  told_->throughput = {throughput::kWellKnownPort, usable_port(throughput::kWellKnownPort, parts_.port_offset),
                       "not open yet"};
}

void Responders::start() {
  if (const auto address = IpAddress::parse(parts_.address)) return start_at(*address);
  start_at(IpAddress::any(Family::v4));
  start_at(IpAddress::any(Family::v6));
}

void Responders::tell(Told& told, Listening Told::*which, const Opened& opened) {
  const std::lock_guard lock(told.mutex);
  Listening& listening = told.*which;
  // A host without IPv6 still answers on IPv4: the better news stays.
  if (opened)
    listening.error.clear();
  else if (!listening.error.empty())
    listening.error =
        "Port " + std::to_string(listening.port) + " is not open: " + opened.error + ". It is tried again every 10 s.";
}

void Responders::start_at(const IpAddress& address) {
  start_throughput_at(address);
  const Endpoint at{address, usable_port(kOwampPort, parts_.port_offset)};
  parts_.loop->start(owamp::make_server(
      {.listen = at,
       .test_ports = {parts_.test_ports.first, parts_.test_ports.second},
       .clock = *parts_.clock,
       .random = *parts_.random,
       .log = parts_.log.with("part", "owamp server"),
       .allowance = [limits = parts_.limits](const IpAddress& source) { return limits()->lookup("owamp", source); },
       .listening = [told = told_](const Opened& opened) { tell(*told, &Told::owamp, opened); }}));
}

void Responders::start_throughput_at(const IpAddress& address) {
  throughput::ServerOptions options{
      .listen = {address, usable_port(throughput::kWellKnownPort, parts_.port_offset)},
      .clock = *parts_.clock,
      .random = *parts_.random,
      .log = parts_.log.with("part", "throughput server"),
      .allowance = [limits = parts_.limits](const IpAddress& source) { return limits()->lookup("throughput", source); },
  };
  options.listening = [told = told_](const Opened& opened) { tell(*told, &Told::throughput, opened); };
  if (parts_.slot) {
    options.ask = [slot = parts_.slot](const throughput::Ask& ask, SlotDoor::Answer answer) {
      slot->ask(ask.id, ask.source, ask.length, std::move(answer));
    };
    options.release = [slot = parts_.slot](throughput::AskEnd end) {
      slot->release(end.id, end.outcome, std::move(end.sentence));
    };
  }
  parts_.loop->start(throughput::make_server(std::move(options), floor_));
}

Listening Responders::read(Listening Told::*which) const {
  const std::lock_guard lock(told_->mutex);
  return told_.get()->*which;
}

Listening Responders::owamp() const { return read(&Told::owamp); }
Listening Responders::throughput() const { return read(&Told::throughput); }

}  // namespace sonde
