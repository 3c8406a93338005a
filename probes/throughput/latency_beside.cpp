#include "probes/throughput/latency_beside.h"

#include <algorithm>

#include "core/base/error.h"
#include "probes/ping/wire.h"

namespace sonde::throughput {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds{100};
constexpr std::size_t kPayload = 56, kMostUnderWay = 128;

std::optional<Estimate> median(std::vector<std::int64_t> values) {
  std::ranges::sort(values);
  return percentile(values, 50);
}

}  // namespace

void LatencyBeside::begin(const IpAddress& target, const IpAddress& from, Random& random, Now now, Outbox& out) {
  target_ = target;
  cookie_ = random.next();
  const Opened opened = out.open_icmp({.local = {from, 0}});
  socket_ = opened.id;
  error_ = opened.error;
  if (opened) next_ = now.steady;
}

void LatencyBeside::end(Outbox& out) {
  if (socket_ != 0) out.close_socket(socket_);
  socket_ = 0;
  next_ = kNever;
}

void LatencyBeside::on_deadline(Now now, Outbox& out) {
  if (now.steady < next_) return;
  next_ += kInterval;
  if (next_ < now.steady) next_ = now.steady + kInterval;
  if (load_ == Load::neither) return;
  if (under_way_.size() >= kMostUnderWay) under_way_.erase(under_way_.begin());
  under_way_[++sequence_] = {now.utc, load_};
  const Bytes request =
      ping::encode_request(target_.family(), {out.echo_identifier(socket_), cookie_, sequence_}, kPayload);
  if (const int error = out.send(socket_, {target_, 0}, request); error != 0) error_ = errno_text(error);
}

void LatencyBeside::on_datagram(SocketId socket, const Datagram& datagram) {
  if (socket != socket_ || datagram.error != 0 || datagram.from.address != target_) return;
  const auto echo = ping::decode_reply(target_.family(), datagram.payload);
  if (!echo || echo->cookie != cookie_) return;
  const auto found = under_way_.find(echo->sequence);
  if (found == under_way_.end()) return;
  (found->second.load == Load::idle ? idle_ : loaded_).push_back((datagram.arrival - found->second.sent).count());
  under_way_.erase(found);
}

LatencyBeside::Summary LatencyBeside::summary() const {
  Summary summary{median(idle_), median(loaded_), idle_.size(), loaded_.size(), {}};
  if (!summary.idle || !summary.loaded)
    summary.why = error_.empty() ? "the peer answered fewer than two pings" : "no ping could be sent: " + error_;
  return summary;
}

}  // namespace sonde::throughput
