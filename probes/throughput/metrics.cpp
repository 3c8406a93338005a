#include "probes/throughput/metrics.h"

#include <array>

namespace sonde::throughput {
namespace {

using enum MetricKind;
constexpr std::string_view kTcpInfo = "Linux TCP_INFO of the sender";

constexpr auto kMetrics = std::to_array<Metric>({
    {"throughput.rate", "throughput", Unit::bits_per_second, gauge,
     "octets that the receiver got as payload, by the receiver's time from the first to the last; omitted time left "
     "out",
     "What one application gets through the path while the test fills it."},
    {"throughput.octets_sent", "octets sent", Unit::octets, count, "payload, as the sender counts it",
     "Must agree with the octets received; a difference was still under way at the end."},
    {"throughput.octets_received", "octets received", Unit::octets, count, "payload, as the receiver counts it",
     "What arrived in the time that counts."},
    {"throughput.retransmits", "segments sent again", Unit::packets, count, kTcpInfo,
     "TCP repeated so many segments: loss on the path, or a queue that is too short."},
    {"throughput.tcp_rtt", "TCP's round trip under load", Unit::seconds, gauge, kTcpInfo,
     "Mean over the seconds of the run of TCP's own smoothed round-trip time: the path's delay with its queue."},
    {"throughput.tcp_rtt_min", "TCP's least round trip", Unit::seconds, gauge, kTcpInfo,
     "The shortest round trip that TCP saw: close to the path without a queue."},
    {"throughput.cwnd_max", "greatest congestion window", Unit::octets, gauge, kTcpInfo,
     "The most that TCP dared to have under way, over all streams."},
    {"throughput.busy", "time with something to send", Unit::share, gauge, kTcpInfo,
     "Share of the run in which TCP had data to send."},
    {"throughput.receiver_limited", "limited by the receiver", Unit::share, gauge, kTcpInfo,
     "Share of that time in which the receiver's window held TCP back: the peer reads too slowly or has small "
     "buffers."},
    {"throughput.buffer_limited", "limited by the send buffer", Unit::share, gauge, kTcpInfo,
     "Share of that time in which this host's own send buffer was too small."},
    {"throughput.jitter", "jitter as iperf3 has it", Unit::seconds, gauge,
     "RFC 1889 §6.3.1, at the end, mean of streams", "How unevenly UDP datagrams came, smoothed over sixteen of them."},
    {"throughput.cpu", "CPU time for the data", Unit::share, gauge, "threads of this end that move the data",
     "Share of one core; close to one, this host and not the path was the limit."},
    {"throughput.latency_idle", "round trip before the load", Unit::seconds, gauge, "median of pings in the 2 s before",
     "What a packet needs there and back while the path is idle."},
    {"throughput.latency_loaded", "round trip under load", Unit::seconds, gauge, "median of pings during the data",
     "What a packet needs there and back while the test fills the path."},
    {"throughput.latency_added", "delay that the load adds", Unit::seconds, gauge, "loaded less idle median",
     "The queue that builds up when somebody fills the path."},
});

}  // namespace

std::span<const Metric> own_metrics() { return kMetrics; }

namespace own {
const Metric& rate = kMetrics[0];
const Metric& octets_sent = kMetrics[1];
const Metric& octets_received = kMetrics[2];
const Metric& retransmits = kMetrics[3];
const Metric& tcp_round_trip = kMetrics[4];
const Metric& tcp_least_round_trip = kMetrics[5];
const Metric& window_max = kMetrics[6];
const Metric& busy = kMetrics[7];
const Metric& peer_window_limited = kMetrics[8];
const Metric& send_buffer_limited = kMetrics[9];
const Metric& jitter = kMetrics[10];
const Metric& cpu = kMetrics[11];
const Metric& latency_idle = kMetrics[12];
const Metric& latency_loaded = kMetrics[13];
const Metric& latency_added = kMetrics[14];
}  // namespace own

}  // namespace sonde::throughput
