#include "probes/throughput/report.h"

#include <algorithm>

namespace sonde::throughput {
namespace {

const StreamResult* find(const std::optional<EndResults>& results, int id) {
  if (!results) return nullptr;
  const auto found = std::ranges::find(results->streams, id, &StreamResult::id);
  return found == results->streams.end() ? nullptr : &*found;
}

void add(DirectionSum& sum, const StreamResult* sender, const StreamResult* receiver) {
  if (sender) {
    sum.sent_octets += sender->octets;
    sum.packets += sender->packets;
    if (sender->retransmits) sum.retransmits = sum.retransmits.value_or(0) + *sender->retransmits;
  }
  if (!receiver) return;
  sum.received_octets += receiver->octets;
  sum.lost += receiver->lost;
  sum.dropped_here += receiver->dropped_here.value_or(0);
  sum.jitter_seconds += receiver->jitter_seconds;
  if (!sender) sum.packets += receiver->packets;
}

}  // namespace

std::optional<DirectionSum> sum_of(const Report& report, Role own_role) {
  std::optional<DirectionSum> sum;
  double streams = 0, sender_seconds = 0, receiver_seconds = 0;
  for (std::size_t i = 0; i < report.own.streams.size() && i < report.plan.flows.size(); ++i) {
    if (report.plan.flows[i].role != own_role) continue;
    if (!sum) sum.emplace();
    const StreamResult* own = &report.own.streams[i];
    const StreamResult* theirs = find(report.remote, own->id);
    const StreamResult* sender = own_role == Role::send ? own : theirs;
    const StreamResult* receiver = own_role == Role::send ? theirs : own;
    add(*sum, sender, receiver);
    ++streams;
    if (sender) sender_seconds = std::max(sender_seconds, sender->end_seconds - sender->begin_seconds);
    if (receiver) receiver_seconds = std::max(receiver_seconds, receiver->end_seconds - receiver->begin_seconds);
    if (receiver) sum->receiver_known = true;
  }
  if (!sum) return sum;
  sum->jitter_seconds /= streams;
  sum->seconds = receiver_seconds > 0 ? receiver_seconds : sender_seconds;
  return sum;
}

}  // namespace sonde::throughput
