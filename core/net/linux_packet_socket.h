#pragma once

#include <vector>

#include "core/net/linux_socket.h"
#include "core/net/network.h"

// Private to the linux_* files of this folder.
namespace sonde {

/// UDP, or ICMP echo on a raw socket, or on the kernel's own echo socket where raw ones are not permitted.
class LinuxPacketSocket final : public PacketSocket, public Pollable {
 public:
  enum class Kind : std::uint8_t { udp, raw_icmp, kernel_icmp };
  static std::unique_ptr<LinuxPacketSocket> udp(const PacketOptions& options, std::shared_ptr<ReceiveRoom> room,
                                                const Clock& clock);
  static std::unique_ptr<LinuxPacketSocket> icmp(const PacketOptions& options, std::shared_ptr<ReceiveRoom> room,
                                                 const Clock& clock);

  ~LinuxPacketSocket() override;
  Endpoint local() const override { return local_; }
  std::size_t send(std::span<const Outgoing> batch) override;
  int error() const override { return error_; }
  int keep_to(const Endpoint& peer) override;
  std::span<const Datagram> receive() override;
  std::span<const TransmitStamp> transmit_stamps() override;
  std::uint64_t dropped_here() const override;
  std::uint16_t echo_identifier() const override { return identifier_; }

 private:
  LinuxPacketSocket(Descriptor fd, Kind kind, const PacketOptions& options, std::shared_ptr<ReceiveRoom> room,
                    const Clock& clock);
  bool allowed(const Endpoint& to);
  void prepare(const PacketOptions& options);
  void take_only_own_replies();
  void stamp_sending(bool on);
  template <std::size_t N>
  std::size_t send_some(std::span<const Outgoing> batch);
  std::span<const std::byte> on_the_wire(std::span<const std::byte> payload);
  void receive_batch();
  bool read_packet(msghdr& header, std::span<const std::byte> data, Datagram& out) const;
  void read_errors();
  void not_overdue();
  void read_error(msghdr& header, std::span<const std::byte> data);

  /// An error with its payload, which came through the error queue.
  struct Answer {
    Bytes payload;
    Datagram about;
  };

  const Kind kind_;
  const Family family_;
  const std::shared_ptr<ReceiveRoom> room_;
  const Clock& clock_;
  Endpoint local_;
  Endpoint peer_;  // port 0 = anybody
  std::uint16_t identifier_ = 0;
  bool stamps_wanted_ = false;
  int error_ = 0;
  std::uint32_t sent_ = 0, stamp_base_ = 0;
  mutable std::uint64_t dropped_ = 0;
  mutable std::uint32_t last_dropped_ = 0;
  Bytes message_;  // an ICMP message with identifier and checksum
  std::vector<Datagram> received_;
  std::vector<Answer> answers_, answers_read_;
  std::vector<TransmitStamp> stamps_, stamps_read_;
};

}  // namespace sonde
