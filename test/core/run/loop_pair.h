#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "core/run/packet_loop.h"
#include "test/support/scripted_session.h"
#include "test/support/simulated_world.h"

namespace sonde::test {

inline IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }
inline const Endpoint kServer{ip("10.0.0.2"), 861};  ///< on b

/// Two hosts of the simulated world, 10 ms apart, with a loop on each. The clock of b is 7 ms behind.
struct LoopPair {
  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2"}, {.offset = -std::chrono::milliseconds{7}});
  PacketLoop& loop_a = a.make_loop(world.log("loop a"));
  PacketLoop& loop_b = b.make_loop(world.log("loop b"));
  std::string told;  // what sessions were told, in order
  LoopPair() { world.link(a, b, {.delay = std::chrono::milliseconds{10}}); }

  std::unique_ptr<ScriptedSession> session() { return std::make_unique<ScriptedSession>(); }
  /// Listens on b and gives every byte back.
  void echo_on_b() {
    auto echo = session();
    echo->start = [](Now, Outbox& out) { CHECK(out.listen({IpAddress::any(Family::v4), 861})); };
    echo->bytes = [](StreamId id, std::span<const std::byte> data, Now, Outbox& out) { out.write(id, data); };
    echo->closed = [this](StreamId, const std::string& why, Now, Outbox&) { told += "b:" + why + ";"; };
    loop_b.start(std::move(echo));
  }
};

}  // namespace sonde::test
