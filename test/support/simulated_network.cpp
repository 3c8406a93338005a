#include "test/support/simulated_network.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "core/base/error.h"

namespace sonde::test {
namespace {

constexpr std::size_t kBatch = 64;

std::uint16_t field(const Bytes& message, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(message[at]) << 8 |
                                    std::to_integer<unsigned>(message[at + 1]));
}

void set_field(Bytes& message, std::size_t at, unsigned value) {
  message[at] = static_cast<std::byte>(value >> 8);
  message[at + 1] = static_cast<std::byte>(value);
}

/// The Internet checksum of an ICMP message whose own field is zero (RFC 1071).
unsigned checksum(const Bytes& message) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < message.size(); i += 2) sum += field(message, i);
  if (message.size() % 2) sum += std::to_integer<unsigned>(message.back()) << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

}  // namespace

Watched::~Watched() {
  if (network && marked) std::erase(network->marked, this);
}

void Watched::mark() {
  if (!network) return;
  network->host().impl_->touched = true;
  if (!marked) network->marked.push_back(this);
  marked = true;
}

SimulatedSocket::SimulatedSocket(SimulatedHost& host, const PacketOptions& options, bool icmp)
    : host_(host), options_(options), local_(host.impl_->bind_socket(options.local, icmp)), icmp_(icmp) {
  host_.impl_->sockets.push_back(this);
}

SimulatedSocket::~SimulatedSocket() { std::erase(host_.impl_->sockets, this); }

std::size_t SimulatedSocket::send(std::span<const Outgoing> batch) {
  error_ = 0;
  auto& host = *host_.impl_;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!icmp_ && !hears(batch[i].to)) {
      error_ = EINVAL;
      return i;
    }
    const IpAddress& wanted = batch[i].from.is_unspecified() ? local_.address : batch[i].from;
    const auto source = host.source(wanted, batch[i].to.address);
    if (!source || batch[i].to.address.family() != local_.address.family()) {
      error_ = source ? EAFNOSUPPORT : ENETUNREACH;
      return i;
    }
    const int hops = batch[i].hop_limit > 0 ? batch[i].hop_limit : options_.hop_limit;
    Packet packet{{*source, local_.port}, batch[i].to, icmp_, hops, options_.traffic_class, {}};
    packet.payload.assign(batch[i].payload.begin(), batch[i].payload.end());
    if (icmp_ && packet.payload.size() >= 8) {
      set_field(packet.payload, 4, local_.port);
      set_field(packet.payload, 2, 0);
      set_field(packet.payload, 2, checksum(packet.payload));
    }
    if (options_.transmit_stamps) stamps_.push_back({sent_, host.clock.utc_now()});
    ++sent_;
    host.world.impl_->transmit(host_, std::move(packet));
  }
  return batch.size();
}

int SimulatedSocket::keep_to(const Endpoint& peer) {
  if (icmp_ || peer.port == 0) return EINVAL;
  peer_ = peer;
  return 0;
}

void SimulatedSocket::arrive(Packet packet) {
  Datagram about;
  about.from = packet.from;
  about.to = packet.to;
  about.arrival = host_.impl_->clock.utc_now();
  about.stamp = StampSource::kernel;
  about.hop_limit = packet.hop_limit;
  about.traffic_class = packet.traffic_class;
  waiting_.push_back({std::move(packet.payload), about});
  mark();
}

void SimulatedSocket::arrive_error(const Packet& sent, const IpAddress& reporter, int error, int type, int code) {
  Datagram about;
  about.from = sent.to;
  about.to = sent.from;
  about.arrival = host_.impl_->clock.utc_now();
  about.stamp = StampSource::kernel;
  about.error = error;
  about.reporter = reporter;
  about.icmp_type = type;
  about.icmp_code = code;
  waiting_.push_back({sent.payload, about});
  mark();
}

std::span<const Datagram> SimulatedSocket::receive() {
  current_.clear();
  current_views_.clear();
  for (std::size_t i = 0; i < kBatch && !waiting_.empty(); ++i) {
    current_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  for (Waiting& one : current_) {
    one.about.payload = one.payload;
    current_views_.push_back(one.about);
  }
  return current_views_;
}

std::span<const TransmitStamp> SimulatedSocket::transmit_stamps() {
  read_stamps_.clear();
  std::swap(read_stamps_, stamps_);
  return read_stamps_;
}

Ready SimulatedSocket::ready() const { return {token, !waiting_.empty(), false}; }

bool SimulatedHost::Impl::owns(const IpAddress& address) const {
  return address.is_loopback() || std::ranges::find(addresses, address) != addresses.end();
}

std::optional<IpAddress> SimulatedHost::Impl::source(const IpAddress& wanted, const IpAddress& to) const {
  if (!wanted.is_unspecified()) return wanted;
  if (to.is_loopback()) return to;
  const auto found = std::ranges::find_if(addresses, [&](const IpAddress& a) { return a.family() == to.family(); });
  return found == addresses.end() ? std::nullopt : std::optional(*found);
}

std::uint16_t SimulatedHost::Impl::free_port() {
  if (next_port >= 60'999) next_port = 32'768;
  return next_port++;
}

Endpoint SimulatedHost::Impl::bind_socket(const Endpoint& wanted, bool icmp) {
  if (!wanted.address.is_unspecified() && !owns(wanted.address)) throw Error("bind to", wanted.text(), EADDRNOTAVAIL);
  Endpoint at = wanted;
  const auto taken = [&](const SimulatedSocket* s) {
    const Endpoint other = s->local();
    return s->icmp() == icmp && other.port == at.port && other.address.family() == at.address.family() &&
           (other.address == at.address || other.address.is_unspecified() || at.address.is_unspecified());
  };
  if (icmp || at.port == 0) {
    do at.port = free_port();
    while (std::ranges::any_of(sockets, taken));
  } else if (std::ranges::any_of(sockets, taken)) {
    throw Error("bind to", wanted.text(), EADDRINUSE);
  }
  return at;
}

SimulatedSocket* SimulatedHost::Impl::find(const Endpoint& at, const Endpoint& from, bool icmp) const {
  for (SimulatedSocket* const socket : sockets) {
    const Endpoint local = socket->local();
    if (socket->icmp() != icmp || local.port != at.port || local.address.family() != at.address.family()) continue;
    if (!icmp && !socket->hears(from)) continue;
    if (local.address == at.address || local.address.is_unspecified()) return socket;
  }
  return nullptr;
}

void SimulatedHost::Impl::receive(Packet packet) {
  if (packet.icmp) return answer_icmp(std::move(packet));
  if (SimulatedSocket* const socket = find(packet.to, packet.from, false)) return socket->arrive(std::move(packet));
  auto& net = *world.impl_;
  SimulatedHost* const sender = net.owner(*self, packet.from.address);
  if (!sender || net.way(*self, *sender).options.down) return;
  const IpAddress reporter = packet.to.address;
  net.at(net.now + net.delay(*self, *sender).count(), [sender, reporter, packet = std::move(packet)] {
    const bool v4 = reporter.family() == Family::v4;
    if (SimulatedSocket* const socket = sender->impl_->find(packet.from, packet.to, false)) {
      socket->arrive_error(packet, reporter, ECONNREFUSED, v4 ? 3 : 1, v4 ? 3 : 4);
    }
  });
}

void SimulatedHost::Impl::answer_icmp(Packet packet) {
  if (packet.payload.size() < 8) return;
  const bool v4 = packet.to.address.family() == Family::v4;
  const auto type = std::to_integer<int>(packet.payload[0]);
  if (type == (v4 ? 8 : 128)) {
    std::swap(packet.from, packet.to);
    packet.hop_limit = 64;
    packet.payload[0] = static_cast<std::byte>(v4 ? 0 : 129);
    set_field(packet.payload, 2, 0);
    set_field(packet.payload, 2, checksum(packet.payload));
    return world.impl_->transmit(*self, std::move(packet));
  }
  packet.to.port = field(packet.payload, 4);
  if (SimulatedSocket* const socket = find(packet.to, packet.from, true)) socket->arrive(std::move(packet));
}

std::unique_ptr<PacketSocket> SimulatedNetwork::open_udp(const PacketOptions& options) {
  return std::make_unique<SimulatedSocket>(host_, options, false);
}

std::unique_ptr<PacketSocket> SimulatedNetwork::open_icmp(const PacketOptions& options) {
  return std::make_unique<SimulatedSocket>(host_, options, true);
}

std::vector<InterfaceState> SimulatedNetwork::interfaces() { return host_.impl_->interfaces; }

std::optional<IpAddress> SimulatedNetwork::source_for(const IpAddress& to) {
  return host_.impl_->source(IpAddress::any(to.family()), to);
}

void SimulatedNetwork::watch(Watched& what, std::uint64_t token, bool want_write) {
  what.network = this;
  what.watched = true;
  what.token = token;
  what.wants_write = want_write;
  what.mark();
}

void SimulatedNetwork::watch(PacketSocket& socket, std::uint64_t token) {
  watch(dynamic_cast<Watched&>(socket), token, false);
}
void SimulatedNetwork::watch(Stream& stream, std::uint64_t token, bool want_write) {
  watch(dynamic_cast<Watched&>(stream), token, want_write);
}
void SimulatedNetwork::watch(Listener& listener, std::uint64_t token) {
  watch(dynamic_cast<Watched&>(listener), token, false);
}
void SimulatedNetwork::unwatch(Stream& stream) {
  auto& what = dynamic_cast<Watched&>(stream);
  std::erase(marked, &what);
  what.network = nullptr;
  what.watched = what.marked = false;
}

bool SimulatedNetwork::anything_ready() const {
  return std::ranges::any_of(marked, [](const Watched* w) {
    const Ready r = w->ready();
    return r.readable || r.writable;
  });
}

std::span<const Ready> SimulatedNetwork::wait(SteadyTime until) {
  if (until > host_.impl_->clock.steady_now()) throw std::logic_error("a loop waits outside its simulated world");
  ready_.clear();
  std::erase_if(marked, [this](Watched* watched) {
    const Ready r = watched->ready();
    watched->marked = r.readable || r.writable;
    if (watched->marked) ready_.push_back(r);
    return !watched->marked;
  });
  return ready_;
}

void SimulatedNetwork::wake() { host_.impl_->touched = true; }

}  // namespace sonde::test
