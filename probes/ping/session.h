#pragma once

#include <vector>

#include "core/run/probe_type.h"
#include "probes/ping/wire.h"

namespace sonde::ping {

struct Plan {
  std::uint32_t count = 10;
  Duration interval{};
  std::uint32_t payload_octets = 1000;
  Duration loss_threshold{};
};

/// One run: sends `count` echo requests at fixed intervals (RFC 3432), waits for the answers, reports once.
class PingSession final : public Session {
 public:
  PingSession(const RunOrder& order, const Plan& plan, ProbeContext& context);
  void on_start(Now now, Outbox& out) override;
  SteadyTime next_deadline() const override;
  void on_deadline(Now now, Outbox& out) override;
  void on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox& out) override;
  void on_clock_step(Duration step, Now now, Outbox& out) override;
  void on_stop(Now now, Outbox& out) override;
  bool paced() const override { return next_ < plan_.count; }

 private:
  void send_next(Now now, Outbox& out);
  void take_error(const Datagram& datagram);
  void conclude(Outbox& out, std::string sentence);
  Result describe() const;
  std::string failure() const;

  RunOrder order_;
  Plan plan_;
  ProbeContext& context_;
  Endpoint target_;
  SocketId socket_ = 0;
  std::uint64_t cookie_ = 0;
  std::uint32_t next_ = 0;  ///< sequence number of the next request
  std::uint32_t answered_ = 0;
  SteadyTime begin_{};
  Anchor anchor_;                      ///< of the run: turns planned steady times into UTC
  std::vector<PacketRecord> records_;  ///< one a request in order, then later copies
  std::vector<int> errors_;            ///< errno the network answered with, by request; 0 = none
  std::string send_error_;
  StampSource stamp_ = StampSource::none;
  IpAddress local_;
  std::uint64_t dropped_here_ = 0;
  bool clock_stepped_ = false;
};

}  // namespace sonde::ping
