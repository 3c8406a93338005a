#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/net/address.h"

// For the linux_* files of this folder, and for threads that own sockets of their own (probes/throughput).
namespace sonde {

/// Owns a descriptor and closes it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// What epoll waits for: one descriptor, and the token of whoever watches it.
struct Pollable {
  explicit Pollable(Descriptor socket) : fd(std::move(socket)) {}
  virtual ~Pollable() = default;
  Descriptor fd;
  std::uint64_t token = 0;
  std::uint32_t watched_events = 0;  ///< 0 = not watched
  bool error_waits = false;          ///< epoll saw something in the error queue
};

/// Uninitialised until filled: an array of these is cheap, and touches no cold memory.
struct SocketAddress {
  SocketAddress() {}
  sockaddr_storage storage;
  socklen_t length = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Shared by all sockets of one loop: room for one batch of packets or one read of a stream.
struct ReceiveRoom {
  static constexpr std::size_t kBatch = 64, kPacket = 65'536, kControl = 512;
  ReceiveRoom();
  // Untouched pages cost nothing: 4 MiB of addresses, as much memory as the largest packets that came.
  std::unique_ptr<std::byte[]> packets{new std::byte[kBatch * kPacket]};
  std::unique_ptr<std::byte[]> controls{new std::byte[kBatch * kControl]};
  std::byte* packet(std::size_t i) const { return packets.get() + i * kPacket; }
  /// Ready for recvmmsg; each message that was filled is made ready again with `reset`.
  std::array<mmsghdr, kBatch> headers;
  void reset(std::size_t i);
  /// Sockets that hold answers read along with something else: ready, though epoll no longer says so.
  std::vector<Pollable*> overdue;

 private:
  std::array<iovec, kBatch> parts_;
  std::array<SocketAddress, kBatch> senders_;
};

SocketAddress to_socket_address(const Endpoint& endpoint);
Endpoint to_endpoint(const sockaddr* address);
inline int domain(Family family) { return family == Family::v4 ? AF_INET : AF_INET6; }

/// Non-blocking, closed on exec; IPv6 sockets take no IPv4. Throws Error.
Descriptor open_socket(Family family, int type, int protocol);
void set_option(int fd, int level, int name, int value, const char* what);
/// False when the kernel says no: for options that are welcome but not needed.
bool try_option(int fd, int level, int name, int value);
void bind_to(int fd, const Endpoint& endpoint);
Endpoint local_endpoint(int fd);
/// "connection refused": errno as a phrase within a sentence.
std::string reason_of(int errno_value);

}  // namespace sonde
