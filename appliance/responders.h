#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "appliance/ports.h"
#include "appliance/slot_door.h"
#include "core/access/limits.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/run/packet_loop.h"
#include "probes/throughput/server.h"

namespace sonde {

/// What answers strangers: the OWAMP and the throughput server, for each family. Started on a loop; asks the newest
/// table of limits each time. Outlived by the loop it is started on.
class Responders {
 public:
  struct Parts {
    PacketLoop* loop = nullptr;
    Random* random = nullptr;  ///< of that loop
    const Clock* clock = nullptr;
    Log log;
    std::string address;  ///< to listen at, or empty for all of both families
    int port_offset = 0;
    std::pair<std::uint16_t, std::uint16_t> test_ports;
    std::function<std::shared_ptr<const Limits>()> limits;  ///< any thread
    std::shared_ptr<SlotDoor> slot;                         ///< null = every heavy test from outside is let in
  };
  explicit Responders(Parts parts);
  /// Before the loop runs.
  void start();
  /// How the ports went; from any thread.
  Listening owamp() const;
  Listening throughput() const;

 private:
  struct Told;
  void start_at(const IpAddress& address);
  void start_throughput_at(const IpAddress& address);
  static void tell(Told& told, Listening Told::*which, const Opened& opened);
  Listening read(Listening Told::*which) const;
  Parts parts_;
  std::shared_ptr<throughput::Floor> floor_;
  std::shared_ptr<Told> told_;
};

}  // namespace sonde
