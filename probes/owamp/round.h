#pragma once

#include <optional>
#include <string>

#include "probes/owamp/receiver.h"
#include "probes/owamp/sender.h"

namespace sonde::owamp {

/// What one round is to measure: a session in one direction or one in each, over one control connection.
struct RoundOrder {
  std::optional<UtcTime> begin;  ///< first instant of the schedule; empty = as soon as both ends can
  std::optional<UtcTime> end;    ///< packets due at it or later do not belong to the round; empty = `packets` says when
  std::uint32_t packets = 0;     ///< where `end` is empty
  Slot slot;
  bool forward = true, reverse = true;
  Duration timeout{};
  std::uint32_t padding = 0;
  std::uint8_t dscp = 0;
};

/// From here to the peer.
struct ForwardSession {
  Plan plan;
  Endpoint server;  ///< where packets go
  std::optional<Sender> sender;
  bool fetched = false;
  std::vector<Record> records;  ///< what the peer received, once fetched
};

/// From the peer to here.
struct ReverseSession {
  Plan plan;
  Endpoint server;  ///< where packets come from
  std::optional<Receiver> receiver;
  bool trusted = true;  ///< false: the peer does not vouch for it
  StampSource stamp = StampSource::none;
  std::uint64_t dropped_here = 0;  ///< packets that this host lost for want of room meanwhile, of any session
};

/// One round while it runs and once it is over. Filled by ControlClient; sessions that were not asked for, or not
/// accepted, are empty. Not to be copied or moved: its parts refer to each other.
struct Round {
  explicit Round(RoundOrder o) : order(std::move(o)) {}
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  RoundOrder order;
  UtcTime begin{};  ///< as it was asked for
  std::optional<ForwardSession> forward;
  std::optional<ReverseSession> reverse;
  Endpoint local;  ///< of the test packets
  bool clock_stepped = false;
  std::string failure;             ///< a sentence; empty = the round ran to its end
  std::vector<std::string> notes;  ///< sentences about what was unusual
  bool port_closed = false;        ///< the peer's host said that nobody listens where our packets go

  /// When the last packet of either direction is due.
  UtcTime last_due() const;
};

/// Packets to ask for so that the schedule surely reaches `length` (with less than one failure in 10^8).
std::uint32_t enough_packets(const Slot& slot, Duration length);

}  // namespace sonde::owamp
