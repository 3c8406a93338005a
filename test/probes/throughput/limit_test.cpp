#include "probes/throughput/limit.h"

#include <catch2/catch.hpp>

#include "probes/throughput/metrics.h"

using namespace sonde;
using namespace sonde::throughput;

namespace {

struct Seen {
  double rate = 9e8, busy = 1, receiver = 0, buffer = 0, cpu = 0.3, again = 0;
};

Result result_of(const Seen& seen) {
  Result result;
  const auto add = [&](const Metric& metric, Direction direction, double value) {
    result.statistics.push_back({.metric = &metric, .direction = direction, .value = value});
  };
  add(own::rate, Direction::forward, seen.rate);
  add(own::busy, Direction::forward, seen.busy);
  add(own::peer_window_limited, Direction::forward, seen.receiver);
  add(own::send_buffer_limited, Direction::forward, seen.buffer);
  add(own::retransmits, Direction::forward, seen.again);
  add(own::cpu, Direction::local, seen.cpu);
  return result;
}

std::string limit(const Seen& seen, const Parameters& asked = {}) { return limit_sentence(result_of(seen), asked); }

}  // namespace

TEST_CASE("what limited the sender is told by the first of rate, receiver, buffer, processor and path that did") {
  Parameters paced;
  paced.rate_bps = 100'000'000;
  CHECK(limit({.rate = 99e6}, paced) == "The rate that was asked for was the limit: the path can carry more.");
  CHECK(limit({.rate = 60e6}, paced) ==
        "The path, or a pause of this host, was the limit: 60 % of the rate that was asked for arrived, and neither "
        "window nor buffer held TCP back.");
  CHECK(limit({.again = 1}) ==
        "The path was the limit: TCP had data to send for 100 % of the time, and neither window nor buffer held it "
        "back; 1 segment was sent again.");
  CHECK(limit({.receiver = 0.8, .buffer = 0.1, .cpu = 1}) ==
        "The receiver was the limit: its window held TCP back for 80 % of the time, because it reads too slowly or has "
        "small buffers.");
  CHECK(limit({.buffer = 0.6}).find("This host's send buffer was the limit for 60 % of the time") == 0);
  CHECK(limit({.cpu = 0.97}) == "This host's processor was the limit: moving the data took 97 % of a core.");
  CHECK(limit({.busy = 0.4}) == "This host was the limit: TCP had nothing to send for 60 % of the time.");
  CHECK(limit({}).ends_with("; no segment was sent again."));
}

TEST_CASE("streams have a core each before the processor is called the limit") {
  Parameters four;
  four.parallel = 4;
  CHECK(limit({.cpu = 1.5}, four).find("The path") == 0);
  CHECK(limit({.cpu = 3.9}, four).find("This host's processor") == 0);
}

TEST_CASE("nothing is said of UDP, nor of what the peer's kernel alone knows") {
  Parameters udp;
  udp.udp = true;
  CHECK(limit({}, udp).empty());
  CHECK(limit_sentence({}, {}).empty());
}
