#pragma once

#include <array>
#include <vector>

#include "core/run/probe_type.h"
#include "probes/trace/route_report.h"
#include "probes/trace/wire.h"

namespace sonde::trace {

struct Plan {
  bool icmp = false;
  std::uint8_t most_hops = kMostHops;
  Duration wait{};  ///< for one answer, at most
};

/// One run: three flows walk to the target at the same time, one probe of each under way. Reports once.
class TraceSession final : public Session {
 public:
  TraceSession(const RunOrder& order, const Plan& plan, ProbeContext& context);
  void on_start(Now now, Outbox& out) override;
  SteadyTime next_deadline() const override;
  void on_deadline(Now now, Outbox& out) override;
  void on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox& out) override;
  void on_clock_step(Duration step, Now now, Outbox& out) override;
  void on_stop(Now now, Outbox& out) override;

 private:
  /// One of the three walkers.
  struct Flow {
    std::uint8_t hop = 0, round = 0, silent = 0;  ///< silent = hops in a row
    bool waiting = false, done = false;
    SteadyTime deadline = kNever;
  };
  bool open(Outbox& out);
  void send(std::uint8_t flow, Now now, Outbox& out);
  int send_probe(const Probe& probe, Outbox& out);
  void walk_on(std::uint8_t flow, Now now, Outbox& out);
  void give_up(std::uint8_t flow, Now now, Outbox& out);
  void note(const Probe& probe, const Datagram& datagram, Now now, Outbox& out);
  std::optional<Probe> probe_of(const Datagram& datagram) const;
  bool is_end(const Datagram& datagram) const;
  void settle(Now now, Outbox& out);
  Duration patience() const;
  void conclude(Outbox& out, std::string sentence);

  RunOrder order_;
  Plan plan_;
  ProbeContext& context_;
  SocketId socket_ = 0;
  std::uint16_t source_port_ = 0, first_port_ = 0;
  std::uint32_t cookie_ = 0;
  std::array<std::uint16_t, kFlows> checksums_{};  ///< of ICMP echo, one for each flow
  std::array<Flow, kFlows> flows_;
  std::vector<HopRecord> hops_;  ///< [0] = hop limit 1
  Duration slowest_{};           ///< the largest round trip so far; zero = none
  SteadyTime begin_{};
  Anchor anchor_;
  IpAddress local_;
  StampSource stamp_ = StampSource::none;
  std::string send_error_;
  bool clock_stepped_ = false;
};

}  // namespace sonde::trace
