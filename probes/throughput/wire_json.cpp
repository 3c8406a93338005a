#include "core/base/json.h"
#include "probes/throughput/wire.h"

// The two JSON documents of the control connection.
namespace sonde::throughput {
namespace {

constexpr std::size_t kMostText = 256;
constexpr double kTwoTo63 = 9223372036854775808.0;

/// Reads members by name and remembers whether one was not what it has to be.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}
  bool ok() const { return ok_; }

  std::uint64_t whole(std::string_view name, std::uint64_t otherwise = 0) {
    const Json* found = object_.find(name);
    if (!found) return otherwise;
    ok_ = ok_ && found->kind == Json::Kind::number && found->integer && *found->integer >= 0;
    return ok_ ? static_cast<std::uint64_t>(*found->integer) : otherwise;
  }
  double number(std::string_view name, bool needed) {
    const Json* found = object_.find(name);
    ok_ = ok_ && (found ? found->kind == Json::Kind::number : !needed);
    return ok_ && found ? found->number : 0;
  }
  /// A whole number that may be negative; 3.12 prints -1 as 2^64 - 1.
  std::int64_t with_sign(std::string_view name) {
    const Json* found = object_.find(name);
    ok_ = ok_ && found && found->kind == Json::Kind::number;
    if (!ok_) return 0;
    if (found->integer) return *found->integer;
    if (found->number >= kTwoTo63) return -1;
    ok_ = found->number > -kTwoTo63;
    return ok_ ? static_cast<std::int64_t>(found->number) : 0;
  }
  bool flag(std::string_view name) {
    const Json* found = object_.find(name);
    if (!found) return false;
    ok_ = ok_ && (found->kind == Json::Kind::boolean || found->kind == Json::Kind::number);
    return found->kind == Json::Kind::boolean ? found->boolean : found->number != 0;
  }
  std::string text(std::string_view name, std::size_t most = kMostText) {
    const Json* found = object_.find(name);
    if (!found || found->kind != Json::Kind::text) return {};
    return found->text.substr(0, most);
  }

 private:
  const Json& object_;
  bool ok_ = true;
};

std::optional<StreamResult> decode_stream(const Json& json) {
  if (json.kind != Json::Kind::object) return std::nullopt;
  Members in(json);
  StreamResult stream;
  const std::int64_t id = in.with_sign("id"), octets = in.with_sign("bytes"), packets = in.with_sign("packets");
  const std::int64_t retransmits = in.with_sign("retransmits");
  stream.jitter_seconds = in.number("jitter", true);
  stream.lost = in.with_sign("errors");
  stream.begin_seconds = in.number("start_time", false);
  stream.end_seconds = in.number("end_time", false);
  if (json.find("dropped_here")) stream.dropped_here = in.whole("dropped_here");
  if (!in.ok() || id < 1 || id > 4096 || octets < 0 || packets < 0) return std::nullopt;
  stream.id = static_cast<int>(id);
  stream.octets = static_cast<std::uint64_t>(octets);
  stream.packets = static_cast<std::uint64_t>(packets);
  if (retransmits >= 0) stream.retransmits = static_cast<std::uint64_t>(retransmits);
  return stream;
}

void write(JsonWriter& out, const StreamResult& stream) {
  out.begin_object().field("id", stream.id).field("bytes", stream.octets);
  if (stream.retransmits)
    out.field("retransmits", *stream.retransmits);
  else
    out.field("retransmits", -1);
  out.field("jitter", stream.jitter_seconds).field("errors", stream.lost).field("packets", stream.packets);
  out.field("start_time", stream.begin_seconds).field("end_time", stream.end_seconds);
  if (stream.dropped_here) out.field("dropped_here", *stream.dropped_here);
  out.end_object();
}

}  // namespace

std::string encode(const Parameters& p) {
  JsonWriter out;
  out.begin_object().field(p.udp ? "udp" : "tcp", true);
  out.field("omit", p.omit_seconds).field("time", p.seconds).field("num", p.octets).field("blockcount", p.blocks);
  if (p.segment_octets != 0) out.field("MSS", p.segment_octets);
  if (p.no_delay) out.field("nodelay", true);
  out.field("parallel", p.parallel);
  if (p.reverse) out.field("reverse", true);
  if (p.both_ways) out.field("bidirectional", true);
  if (p.window_octets != 0) out.field("window", p.window_octets);
  if (p.block_octets != 0) out.field("len", p.block_octets);
  if (p.rate_bps != 0) out.field("bandwidth", p.rate_bps);
  out.field("pacing_timer", 1000);
  if (p.traffic_class != 0) out.field("TOS", p.traffic_class);
  if (!p.congestion.empty()) out.field("congestion", p.congestion);
  if (p.wants_server_output) out.field("get_server_output", 1);
  if (p.wide_counters) out.field("udp_counters_64bit", 1);
  out.field("client_version", p.client_version.empty() ? std::string("3.12") : p.client_version);
  return out.end_object().take();
}

std::optional<Parameters> decode_parameters(std::string_view json) {
  if (json.size() > kMostParameterOctets) return std::nullopt;
  const JsonParsed parsed = parse_json(json);
  if (!parsed.value || parsed.value->kind != Json::Kind::object) return std::nullopt;
  Members in(*parsed.value);
  Parameters p;
  p.udp = in.flag("udp");
  const bool tcp = in.flag("tcp"), sctp = in.flag("sctp");
  if (sctp || (p.udp && tcp)) return std::nullopt;
  p.omit_seconds = in.whole("omit");
  p.seconds = in.whole("time");
  p.octets = in.whole("num");
  p.blocks = in.whole("blockcount");
  p.parallel = in.whole("parallel", 1);
  p.block_octets = in.whole("len");
  p.reverse = in.flag("reverse");
  p.both_ways = in.flag("bidirectional");
  p.segment_octets = in.whole("MSS");
  p.window_octets = in.whole("window");
  p.no_delay = in.flag("nodelay");
  p.rate_bps = in.whole("bandwidth");
  if (const std::uint64_t fair = in.whole("fqrate"); fair != 0 && (p.rate_bps == 0 || fair < p.rate_bps))
    p.rate_bps = fair;
  p.traffic_class = in.whole("TOS");
  p.congestion = in.text("congestion", 16);
  p.wide_counters = in.flag("udp_counters_64bit");
  p.wants_server_output = in.flag("get_server_output");
  p.client_version = in.text("client_version", 32);
  if (!in.ok()) return std::nullopt;
  return p;
}

std::string encode(const EndResults& r) {
  JsonWriter out;
  out.begin_object().field("cpu_util_total", r.cpu_total).field("cpu_util_user", r.cpu_user);
  out.field("cpu_util_system", r.cpu_system);
  out.field("sender_has_retransmits", !r.sends ? -1 : r.counts_retransmits ? 1 : 0);
  if (!r.congestion.empty()) out.field("congestion_used", r.congestion);
  if (!r.output.empty()) out.field("server_output_text", r.output);
  out.key("streams").begin_array();
  for (const StreamResult& stream : r.streams) write(out, stream);
  return out.end_array().end_object().take();
}

std::optional<EndResults> decode_results(std::string_view json) {
  if (json.size() > kMostResultOctets) return std::nullopt;
  const JsonParsed parsed = parse_json(json);
  if (!parsed.value || parsed.value->kind != Json::Kind::object) return std::nullopt;
  Members in(*parsed.value);
  EndResults r;
  r.cpu_total = in.number("cpu_util_total", true);
  r.cpu_user = in.number("cpu_util_user", true);
  r.cpu_system = in.number("cpu_util_system", true);
  const std::int64_t retransmits = in.with_sign("sender_has_retransmits");
  r.sends = retransmits >= 0;
  r.counts_retransmits = retransmits > 0;
  r.congestion = in.text("congestion_used", 16);
  r.output = in.text("server_output_text", 65536);
  const Json* streams = parsed.value->find("streams");
  if (!in.ok() || !streams || streams->kind != Json::Kind::array || streams->items.size() > 2 * kMostStreams)
    return std::nullopt;
  for (const Json& one : streams->items) {
    auto stream = decode_stream(one);
    if (!stream) return std::nullopt;
    r.streams.push_back(std::move(*stream));
  }
  return r;
}

}  // namespace sonde::throughput
