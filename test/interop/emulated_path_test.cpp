// The real programs over a real, lossy path: what Sonde tells of each packet against what the path did with it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/files.h"
#include "core/base/json.h"
#include "test/appliance/running_node.h"
#include "test/support/path_emulator.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPackets = 1000;

/// What happened to the packets of one direction: by the path's log, or by Sonde's raw file.
struct Fates {
  std::map<std::uint32_t, int> copies;       ///< how often each packet arrived, 0 = lost
  std::vector<std::uint32_t> arrival_order;  ///< of first copies
  int lost() const {
    return static_cast<int>(std::ranges::count_if(copies, [](const auto& one) { return one.second == 0; }));
  }
  int duplicated() const {
    int n = 0;
    for (const auto& [sequence, count] : copies) n += std::max(0, count - 1);
    return n;
  }
  /// RFC 4737: a packet below the next expected number is reordered.
  int reordered() const {
    std::uint32_t next = 0;
    int n = 0;
    for (const std::uint32_t sequence : arrival_order) {
      if (sequence < next)
        ++n;
      else
        next = sequence + 1;
    }
    return n;
  }
};

Fates in_order(std::map<std::uint32_t, int> copies, std::vector<std::pair<std::int64_t, std::uint32_t>> arrivals) {
  std::ranges::sort(arrivals);
  Fates fates{std::move(copies), {}};
  std::map<std::uint32_t, bool> seen;
  for (const auto& [when, sequence] : arrivals)
    if (!std::exchange(seen[sequence], true)) fates.arrival_order.push_back(sequence);
  return fates;
}

std::uint32_t sequence_of(const PathRecord& record) {
  std::uint32_t sequence = 0;
  for (int i = 0; i < 4; ++i)
    sequence = sequence << 8 | static_cast<std::uint8_t>(record.head[static_cast<std::size_t>(i)]);
  return sequence;
}

Fates by_path(const std::vector<PathRecord>& records, bool there) {
  std::map<std::uint32_t, int> copies;
  std::vector<std::pair<std::int64_t, std::uint32_t>> arrivals;
  for (const PathRecord& r : records) {
    if (r.there != there || r.protocol != 17 || r.head.size() < 14) continue;
    int& count = copies[sequence_of(r)];
    if (r.left_ns == 0) continue;
    ++count;
    arrivals.emplace_back(r.left_ns, sequence_of(r));
  }
  return in_order(std::move(copies), std::move(arrivals));
}

Fates by_sonde(const std::string& raw, const std::string& direction) {
  std::map<std::uint32_t, int> copies;
  std::vector<std::pair<std::int64_t, std::uint32_t>> arrivals;
  std::istringstream lines(raw);
  std::string word;
  std::uint32_t sequence = 0;
  for (std::int64_t sent = 0, received = 0; lines >> word >> sequence >> sent >> received;) {
    if (word != direction) continue;
    int& count = copies[sequence];
    if (received == 0) continue;
    ++count;
    arrivals.emplace_back(received, sequence);
  }
  return in_order(std::move(copies), std::move(arrivals));
}

double count_of(const Json& result, const std::string& direction, const std::string& which) {
  for (const Json& one : result.find("directions")->items)
    if (one.find("direction")->text == direction) return one.find("counts")->find(which)->number;
  return -1;
}

}  // namespace

TEST_CASE("loss, duplicates and order over a real path are told exactly, in both directions, for every packet",
          "[slow]") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  const PathOptions there{.delay = 10ms, .loss = 0.03, .duplicate = 0.02, .overtake = 0.04};
  const PathOptions back{.delay = 4ms, .loss = 0.01, .duplicate = 0.03, .overtake = 0.02};
  PathEmulator path(there, back, 20261121);
  const TemporaryFolder folder;
  std::unique_ptr<RunningNode> far;
  path.b().run([&] { far = std::make_unique<RunningNode>(folder / "far", 0, "10.99.0.2"); });
  const std::string raw = folder / "raw", json = folder / "json";
  const std::string command =
      "ip netns exec " + path.a().name() + " timeout 120 " SONDE_EXECUTABLE " measure owamp 10.99.0.2 --count " +
      std::to_string(kPackets) + " --interval 0.025 -o loss_threshold=2s --json --raw " + raw + " > " + json;
  const int status = std::system(command.c_str());
  const auto text = read_file(json, 64 << 20).value_or("");
  INFO(text.substr(0, 600));
  REQUIRE(status == 0);
  const JsonParsed parsed = parse_json(text);
  REQUIRE(parsed.value);
  const auto records = path.records();
  const std::string raw_text = read_file(raw, 64 << 20).value_or("");
  for (const bool forward : {true, false}) {
    const std::string direction = forward ? "forward" : "reverse";
    INFO(direction);
    const Fates truth = by_path(records, forward), told = by_sonde(raw_text, direction);
    CHECK(truth.copies.size() == kPackets);
    CHECK(told.copies == truth.copies);
    CHECK(told.arrival_order == truth.arrival_order);
    CHECK(truth.lost() > 0);
    CHECK(truth.duplicated() > 0);
    CHECK(truth.reordered() > 0);
    CHECK(count_of(*parsed.value, direction, "sent") == kPackets);
    CHECK(count_of(*parsed.value, direction, "lost") == truth.lost());
    CHECK(count_of(*parsed.value, direction, "duplicated") == truth.duplicated());
    CHECK(count_of(*parsed.value, direction, "reordered") == truth.reordered());
  }
}
