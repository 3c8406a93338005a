#include "probes/owamp/sender.h"

#include <algorithm>

namespace sonde::owamp {

Sender::Sender(const Plan& plan, std::uint32_t packets, Random& random)
    : plan_(plan),
      packets_(std::min(packets, static_cast<std::uint32_t>(plan.due.size()))),
      packet_(kTestHeader + plan.request.padding),
      random_(random) {
  stamps_.reserve(packets_);
  pad();
}

/// Padding is drawn anew for each packet (§4.1.2), so that no link on the way can compress it; before its time comes.
void Sender::pad() { random_.fill(std::span(packet_).subspan(kTestHeader)); }

void Sender::send_next(Now now, amp::ErrorEstimate error, Outbox& out, SocketId socket, const Endpoint& to) {
  if (now.utc > next_due() + plan_.timeout) return skip();  // §4.1.2: its receiver has counted it as lost
  encode(TestPacket{next_, amp::to_ntp(now.utc), error}, packet_);
  // A socket may first hand over the network's answer to an earlier packet; the second attempt is about this one.
  if (out.send(socket, to, packet_) != 0 && out.send(socket, to, packet_) != 0) {
    ++refused_here_;
    return skip();
  }
  stamps_.push_back(now.utc);
  ++next_;
  pad();
}

void Sender::skip() {
  if (!skips_.empty() && skips_.back().last + 1 == next_)
    skips_.back().last = next_;
  else
    skips_.push_back({next_, next_});
  stamps_.push_back(UtcTime::min());
  ++next_;
}

std::optional<UtcTime> Sender::sent(std::uint32_t sequence) const {
  if (sequence >= stamps_.size() || stamps_[sequence] == UtcTime::min()) return std::nullopt;
  return stamps_[sequence];
}

}  // namespace sonde::owamp
