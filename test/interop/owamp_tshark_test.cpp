// Wireshark's dissector reads the test packets that our probe sends.

#include <fstream>
#include <sstream>

#include "test/interop/program.h"
#include "test/probes/owamp/two_ends.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

namespace {

void little(std::ofstream& file, std::uint32_t value) { file.write(reinterpret_cast<const char*>(&value), 4); }

/// A capture file of raw IPv4 packets (link type 101) with UDP from and to the given endpoints.
void write_capture(const std::string& path, const std::vector<Truth>& packets) {
  std::ofstream file(path, std::ios::binary);
  for (const std::uint32_t field : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 65535U, 101U}) little(file, field);
  for (const Truth& packet : packets) {
    ByteWriter bytes;
    const auto length = static_cast<std::uint16_t>(packet.head.size());
    bytes.u8(0x45).u8(0).u16(static_cast<std::uint16_t>(28 + length)).u32(0).u8(255).u8(17).u16(0);
    bytes.bytes(packet.from.address.bytes()).bytes(packet.to.address.bytes());
    bytes.u16(packet.from.port).u16(packet.to.port).u16(static_cast<std::uint16_t>(8 + length)).u16(0);
    bytes.bytes(packet.head);
    const auto time = packet.entered.time_since_epoch();
    little(file, static_cast<std::uint32_t>(utc_seconds(packet.entered)));
    little(file, static_cast<std::uint32_t>(time % 1s / 1us));
    little(file, static_cast<std::uint32_t>(bytes.size()));
    little(file, static_cast<std::uint32_t>(bytes.size()));
    file.write(reinterpret_cast<const char*>(bytes.data().data()), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace

TEST_CASE("tshark reads sequence number, time and error estimate of our test packets as they were meant") {
  if (output_of("tshark --version").empty()) {
    WARN("tshark is not installed, so nothing was compared: install it with \"apt-get install tshark\".");
    return;
  }
  TwoEnds ends;
  ends.client.clock().vouch({.bound = 250us, .synchronised = true, .believed = true, .source = "test"});
  ends.serve();
  ends.start(ends.order({{"direction", "forward"}, {"count", "20"}, {"padding", "10"}}));
  const Result& result = ends.result();
  REQUIRE(result.directions.size() == 1);

  const TemporaryFolder folder;
  const auto path = folder / "packets.pcap";
  write_capture(path, ends.world.truth());
  std::istringstream lines(
      output_of("TZ=UTC tshark -r " + path + " -d udp.port==" + result.parameters.at("peer_receives_at") +
                ",owamp.test -Y owamp.test -T fields -E separator=';' -e twamp.test.seq_number -e twamp.test.timestamp "
                "-e twamp.test.error_estimate.s -e twamp.test.error_estimate.z -e twamp.test.error_estimate.scale "
                "-e twamp.test.error_estimate.multiplier"));
  const amp::ErrorEstimate error = amp::to_error_estimate(ends.client.clock().quality());
  const std::string flags = ";1;0;" + std::to_string(error.scale()) + ';' + std::to_string(int{error.multiplier()});
  std::size_t n = 0;
  for (std::string line; std::getline(lines, line); ++n) {
    CAPTURE(line);
    const PacketRecord& packet = result.directions[0].packets.at(n);
    CHECK(line.starts_with(std::to_string(n) + ';'));
    CHECK(line.ends_with(flags));
    // tshark cuts the time to nanoseconds where we round: it may show one less.
    const std::string exact = format_utc(packet.sent, 9), less = format_utc(packet.sent - 1ns, 9);
    const auto clock = [](const std::string& utc) { return utc.substr(11, 18); };
    CHECK((line.find(clock(exact)) != std::string::npos || line.find(clock(less)) != std::string::npos));
  }
  CHECK(n == 20);
}
