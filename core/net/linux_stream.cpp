#include "core/net/linux_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr int kBacklog = 128;

/// What must be known before the first segment leaves: it announces window scale and segment size.
void apply(const StreamOptions& options, int fd, Family family) {
  if (options.window_octets != 0) {
    set_option(fd, SOL_SOCKET, SO_SNDBUF, static_cast<int>(options.window_octets), "SO_SNDBUF");
    set_option(fd, SOL_SOCKET, SO_RCVBUF, static_cast<int>(options.window_octets), "SO_RCVBUF");
  }
  if (options.segment_octets != 0) set_option(fd, IPPROTO_TCP, TCP_MAXSEG, options.segment_octets, "TCP_MAXSEG");
  if (options.traffic_class != 0) {
    const bool v4 = family == Family::v4;
    set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, options.traffic_class, "traffic class");
  }
  const std::string& name = options.congestion;
  if (!name.empty() &&
      ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size())) != 0)
    throw Error("use the congestion control", name, errno);
}

}  // namespace

std::unique_ptr<LinuxStream> LinuxStream::connect(const Endpoint& to, const IpAddress& from,
                                                  const StreamOptions& options, std::shared_ptr<ReceiveRoom> room) {
  Descriptor fd = open_socket(to.address.family(), SOCK_STREAM, IPPROTO_TCP);
  apply(options, fd.get(), to.address.family());
  if (!from.is_unspecified()) {
    try_option(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    bind_to(fd.get(), {from, 0});
  }
  const SocketAddress address = to_socket_address(to);
  const int result = ::connect(fd.get(), address.get(), address.length);
  const int error = result == 0 ? 0 : errno;
  auto stream = std::make_unique<LinuxStream>(std::move(fd), to, State::connecting, std::move(room));
  if (error != 0 && error != EINPROGRESS) stream->close(reason_of(error));
  return stream;
}

LinuxStream::LinuxStream(Descriptor socket, const Endpoint& peer, State state, std::shared_ptr<ReceiveRoom> room)
    : Pollable(std::move(socket)), peer_(peer), room_(std::move(room)), state_(state) {
  try_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
}

void LinuxStream::close(std::string reason) const {
  if (state_ == State::closed) return;
  state_ = State::closed;
  reason_ = std::move(reason);
}

Stream::State LinuxStream::state() const {
  if (state_ != State::connecting) return state_;
  pollfd poll{fd.get(), POLLOUT, 0};
  if (::poll(&poll, 1, 0) <= 0) return state_;
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) {
    close(reason_of(error));
  } else {
    state_ = State::open;
  }
  return state_;
}

std::size_t LinuxStream::write(std::span<const std::byte> data) {
  if (state_ != State::open || data.empty()) return 0;
  const ssize_t taken = ::send(fd.get(), data.data(), data.size(), MSG_NOSIGNAL);
  if (taken >= 0) return static_cast<std::size_t>(taken);
  // What the peer sent before it broke off can still be read: only reading ends the stream.
  return 0;
}

std::span<const std::byte> LinuxStream::read() {
  if (state_ != State::open) return {};
  const ssize_t got = ::recv(fd.get(), room_->packet(0), ReceiveRoom::kPacket, 0);
  if (got > 0) return {room_->packet(0), static_cast<std::size_t>(got)};
  if (got == 0) {
    close("closed by the peer");
  } else if (errno != EAGAIN && errno != EINTR) {
    close(reason_of(errno));
  }
  return {};
}

LinuxListener::LinuxListener(const Endpoint& at, std::shared_ptr<ReceiveRoom> room)
    : Pollable(open_socket(at.address.family(), SOCK_STREAM, IPPROTO_TCP)),
      room_(std::move(room)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  const SocketAddress address = to_socket_address(at);
  if (::bind(fd.get(), address.get(), address.length) != 0) throw Error("listen at", at.text(), errno);
  if (::listen(fd.get(), kBacklog) != 0) throw Error("listen at", at.text(), errno);
}

std::unique_ptr<Stream> LinuxListener::accept() {
  SocketAddress peer;
  Descriptor accepted(::accept4(fd.get(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted) {
    return std::make_unique<LinuxStream>(std::move(accepted), to_endpoint(peer.get()), Stream::State::open, room_);
  }
  if (errno == EMFILE || errno == ENFILE) {
    // A caller left waiting would keep the listener ready for ever and its loop busy with nothing.
    spare_ = Descriptor();
    Descriptor(::accept4(fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  return nullptr;
}

}  // namespace sonde
