#include "probes/throughput/iperf3_document.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "core/base/json.h"

namespace sonde::throughput {
namespace {

/// The keys that every stream and every sum has.
void amount(JsonWriter& out, double begin, double end, std::uint64_t octets) {
  const double seconds = end - begin;
  out.field("start", begin).field("end", end).field("seconds", seconds).field("bytes", octets);
  out.field("bits_per_second", seconds > 0 ? static_cast<double>(octets) * 8 / seconds : 0.0);
}

void datagrams(JsonWriter& out, double jitter_seconds, std::int64_t lost, std::uint64_t packets) {
  out.field("jitter_ms", jitter_seconds * 1e3).field("lost_packets", lost).field("packets", packets);
  out.field("lost_percent", packets > 0 ? 100.0 * static_cast<double>(lost) / static_cast<double>(packets) : 0.0);
}

std::int64_t microseconds(Duration time) { return time / std::chrono::microseconds{1}; }

std::string http_date(UtcTime time) {
  const std::time_t seconds = utc_seconds(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

void write_start(JsonWriter& out, const Report& report, const std::string& host) {
  const Parameters& p = report.parameters;
  out.key("start").begin_object().key("connected").begin_array();
  for (std::size_t i = 0; i < report.ends.size(); ++i) {
    out.begin_object().field("socket", stream_id(i)).field("local_host", report.ends[i].address.text());
    out.field("local_port", report.ends[i].port).field("remote_host", report.peer.address.text());
    out.field("remote_port", report.peer.port).end_object();
  }
  out.end_array().field("version", "iperf 3.12").field("system_info", "Sonde");
  out.key("timestamp").begin_object().field("time", http_date(report.begin));
  out.field("timesecs", utc_seconds(report.begin)).end_object();
  out.key("connecting_to").begin_object().field("host", host).field("port", report.peer.port).end_object();
  out.field("cookie", text_of(report.cookie)).field("target_bitrate", p.rate_bps);
  out.field("sock_bufsize", p.window_octets);
  out.key("test_start").begin_object().field("protocol", p.udp ? "UDP" : "TCP").field("num_streams", p.parallel);
  out.field("blksize", report.plan.block_octets).field("omit", p.omit_seconds).field("duration", p.seconds);
  out.field("bytes", p.octets).field("blocks", p.blocks).field("reverse", p.reverse ? 1 : 0);
  out.field("tos", p.traffic_class).field("target_bitrate", p.rate_bps).field("bidir", p.both_ways ? 1 : 0);
  out.end_object().end_object();
}

void write_interval_stream(JsonWriter& out, const Report& report, const IntervalReading& reading, std::size_t i) {
  const StreamInterval& stream = reading.streams[i];
  const bool sends = report.plan.flows[i].role == Role::send;
  out.begin_object().field("socket", report.plan.flows[i].id);
  amount(out, to_seconds(reading.begin), to_seconds(reading.end), stream.octets);
  if (stream.retransmits) out.field("retransmits", *stream.retransmits);
  if (stream.tcp) {
    out.field("snd_cwnd", stream.tcp->window_octets).field("snd_wnd", stream.tcp->peer_window_octets);
    out.field("rtt", microseconds(stream.tcp->round_trip));
    out.field("rttvar", microseconds(stream.tcp->round_trip_variation)).field("pmtu", stream.tcp->path_mtu);
  }
  if (report.plan.udp && sends) out.field("packets", stream.packets);
  if (report.plan.udp && !sends) datagrams(out, stream.jitter_seconds, stream.lost, stream.packets);
  out.field("omitted", reading.omitted).field("sender", sends).end_object();
}

void write_interval_sum(JsonWriter& out, const Report& report, const IntervalReading& reading, Role role) {
  StreamInterval sum;
  for (std::size_t i = 0; i < reading.streams.size(); ++i) {
    if (report.plan.flows[i].role != role) continue;
    const StreamInterval& stream = reading.streams[i];
    sum.octets += stream.octets;
    sum.packets += stream.packets;
    sum.lost += stream.lost;
    sum.jitter_seconds = std::max(sum.jitter_seconds, stream.jitter_seconds);
    if (stream.retransmits) sum.retransmits = sum.retransmits.value_or(0) + *stream.retransmits;
  }
  out.begin_object();
  amount(out, to_seconds(reading.begin), to_seconds(reading.end), sum.octets);
  if (sum.retransmits) out.field("retransmits", *sum.retransmits);
  if (report.plan.udp && role == Role::send) out.field("packets", sum.packets);
  if (report.plan.udp && role == Role::receive) datagrams(out, sum.jitter_seconds, sum.lost, sum.packets);
  out.field("omitted", reading.omitted).field("sender", role == Role::send).end_object();
}

/// The direction that comes first in the document: the client's own, if it sends at all.
Role main_role(const Report& report) { return report.parameters.reverse ? Role::receive : Role::send; }

void write_intervals(JsonWriter& out, const Report& report) {
  out.key("intervals").begin_array();
  for (const IntervalReading& reading : report.intervals) {
    out.begin_object().key("streams").begin_array();
    for (std::size_t i = 0; i < reading.streams.size(); ++i) write_interval_stream(out, report, reading, i);
    out.end_array().key("sum");
    write_interval_sum(out, report, reading, main_role(report));
    if (report.parameters.both_ways) {
      out.key("sum_bidir_reverse");
      write_interval_sum(out, report, reading, Role::receive);
    }
    out.end_object();
  }
  out.end_array();
}

/// TCP's extremes over the intervals of one stream.
void write_tcp_extremes(JsonWriter& out, const Report& report, std::size_t i) {
  std::uint64_t window = 0, peer_window = 0;
  std::int64_t most = 0, least = 0, sum = 0, count = 0;
  for (const IntervalReading& reading : report.intervals) {
    const auto& tcp = reading.streams[i].tcp;
    if (!tcp) continue;
    const std::int64_t trip = microseconds(tcp->round_trip);
    window = std::max(window, tcp->window_octets);
    peer_window = std::max(peer_window, tcp->peer_window_octets);
    most = std::max(most, trip);
    least = count == 0 ? trip : std::min(least, trip);
    sum += trip;
    ++count;
  }
  if (count == 0) return;
  out.field("max_snd_cwnd", window).field("max_snd_wnd", peer_window).field("max_rtt", most);
  out.field("min_rtt", least).field("mean_rtt", sum / count);
}

const StreamResult* remote_stream(const Report& report, int id) {
  if (!report.remote) return nullptr;
  const auto found = std::ranges::find(report.remote->streams, id, &StreamResult::id);
  return found == report.remote->streams.end() ? nullptr : &*found;
}

void write_end_stream(JsonWriter& out, const Report& report, std::size_t i) {
  const bool sends = report.plan.flows[i].role == Role::send;
  const StreamResult* const mine = &report.own.streams[i];
  const StreamResult* const theirs = remote_stream(report, mine->id);
  const StreamResult* const sender = sends ? mine : theirs;
  const StreamResult* const receiver = sends ? theirs : mine;
  out.begin_object();
  if (report.plan.udp) {
    const StreamResult& known = receiver ? *receiver : *mine;
    out.key("udp").begin_object().field("socket", mine->id);
    amount(out, 0, sender ? sender->end_seconds : known.end_seconds, sender ? sender->octets : known.octets);
    datagrams(out, known.jitter_seconds, known.lost, sender ? sender->packets : known.packets);
    out.field("out_of_order", report.last[i].out_of_order - report.base[i].out_of_order);
    out.field("sender", sends).end_object().end_object();
    return;
  }
  if (sender) {
    out.key("sender").begin_object().field("socket", mine->id);
    amount(out, 0, sender->end_seconds, sender->octets);
    out.field("retransmits", sender->retransmits);
    write_tcp_extremes(out, report, i);
    out.field("sender", sends).end_object();
  }
  if (receiver) {
    out.key("receiver").begin_object().field("socket", mine->id);
    amount(out, 0, receiver->end_seconds, receiver->octets);
    out.field("sender", sends).end_object();
  }
  out.end_object();
}

void write_sums(JsonWriter& out, const Report& report, Role role, const std::string& suffix) {
  const auto sum = sum_of(report, role);
  if (!sum) return;
  const bool udp = report.plan.udp, sends = role == Role::send;
  if (udp) {
    out.key("sum" + suffix).begin_object();
    amount(out, 0, sum->seconds, sum->received_octets);
    datagrams(out, sum->jitter_seconds, sum->lost, sum->packets);
    out.field("sender", sends).end_object();
  }
  for (const bool sent : {true, false}) {
    out.key((sent ? "sum_sent" : "sum_received") + suffix).begin_object();
    amount(out, 0, sum->seconds, sent ? sum->sent_octets : sum->received_octets);
    if (udp) datagrams(out, sent ? 0 : sum->jitter_seconds, sent ? 0 : sum->lost, sum->packets);
    if (!udp && sent) out.field("retransmits", sum->retransmits);
    out.field("sender", sends).end_object();
  }
}

void write_end(JsonWriter& out, const Report& report) {
  out.key("end").begin_object().key("streams").begin_array();
  for (std::size_t i = 0; i < report.own.streams.size(); ++i) write_end_stream(out, report, i);
  out.end_array();
  write_sums(out, report, main_role(report), "");
  if (report.parameters.both_ways) write_sums(out, report, Role::receive, "_bidir_reverse");
  const EndResults none, &theirs = report.remote ? *report.remote : none;
  out.key("cpu_utilization_percent").begin_object().field("host_total", report.own.cpu_total);
  out.field("host_user", report.own.cpu_user).field("host_system", report.own.cpu_system);
  out.field("remote_total", theirs.cpu_total).field("remote_user", theirs.cpu_user);
  out.field("remote_system", theirs.cpu_system).end_object();
  if (!report.plan.udp) {
    const bool reverse = report.parameters.reverse;
    out.field("sender_tcp_congestion", reverse ? theirs.congestion : report.own.congestion);
    out.field("receiver_tcp_congestion", reverse ? report.own.congestion : theirs.congestion);
  }
  if (!theirs.output.empty()) out.field("server_output_text", theirs.output);
  out.end_object();
}

}  // namespace

std::string iperf3_document(const Report& report, const std::string& host) {
  JsonWriter out;
  out.begin_object();
  write_start(out, report, host);
  if (report.outcome == Outcome::done) {
    write_intervals(out, report);
    write_end(out, report);
  } else {
    out.key("intervals").begin_array().end_array().key("end").begin_object().end_object();
    out.field("error", report.sentence);
  }
  return out.end_object().take();
}

}  // namespace sonde::throughput
