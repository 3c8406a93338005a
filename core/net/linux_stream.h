#pragma once

#include "core/net/linux_socket.h"
#include "core/net/network.h"

// Private to the linux_* files of this folder.
namespace sonde {

class LinuxStream final : public Stream, public Pollable {
 public:
  static std::unique_ptr<LinuxStream> connect(const Endpoint& to, const IpAddress& from, const StreamOptions& options,
                                              std::shared_ptr<ReceiveRoom> room);
  LinuxStream(Descriptor fd, const Endpoint& peer, State state, std::shared_ptr<ReceiveRoom> room);
  State state() const override;
  std::string reason() const override { return reason_; }
  Endpoint local() const override { return local_endpoint(fd.get()); }
  Endpoint peer() const override { return peer_; }
  std::size_t write(std::span<const std::byte> data) override;
  std::span<const std::byte> read() override;
  int descriptor() const override { return fd.get(); }

 private:
  void close(std::string reason) const;
  const Endpoint peer_;
  const std::shared_ptr<ReceiveRoom> room_;
  mutable State state_;
  mutable std::string reason_;
};

class LinuxListener final : public Listener, public Pollable {
 public:
  LinuxListener(const Endpoint& at, std::shared_ptr<ReceiveRoom> room);
  Endpoint local() const override { return local_endpoint(fd.get()); }
  std::unique_ptr<Stream> accept() override;

 private:
  const std::shared_ptr<ReceiveRoom> room_;
  Descriptor spare_;  // given up for a moment to turn a caller away when descriptors have run out
};

}  // namespace sonde
