#include "core/net/linux_socket.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace sonde {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

ReceiveRoom::ReceiveRoom() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {packet(i), kPacket};
    reset(i);
  }
}

void ReceiveRoom::reset(std::size_t i) {
  headers[i].msg_hdr = {
      senders_[i].get(), senders_[i].length, &parts_[i], 1, controls.get() + i * kControl, kControl, 0};
  headers[i].msg_len = 0;
}

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress out;
  if (endpoint.address.family() == Family::v4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes().data(), 4);
    out.length = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    v6.sin6_scope_id = endpoint.address.scope();
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes().data(), 16);
    out.length = sizeof v6;
  }
  return out;
}

Endpoint to_endpoint(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(address);
    return {IpAddress::v4(std::as_bytes(std::span(&v4.sin_addr, 1)).first<4>()), ntohs(v4.sin_port)};
  }
  if (address->sa_family != AF_INET6) return {};
  const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(address);
  return {IpAddress::v6(std::as_bytes(std::span(&v6.sin6_addr, 1)).first<16>(), v6.sin6_scope_id), ntohs(v6.sin6_port)};
}

Descriptor open_socket(Family family, int type, int protocol) {
  Descriptor fd(::socket(domain(family), type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd) throw Error("open", "an " + std::string(to_string(family)) + " socket", errno);
  // A raw socket has no port to share with IPv4.
  if (family == Family::v6 && type != SOCK_RAW) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  return fd;
}

bool try_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

void set_option(int fd, int level, int name, int value, const char* what) {
  if (!try_option(fd, level, name, value)) throw Error("set socket option", what, errno);
}

void bind_to(int fd, const Endpoint& endpoint) {
  const SocketAddress address = to_socket_address(endpoint);
  if (::bind(fd, address.get(), address.length) != 0) throw Error("bind to", endpoint.text(), errno);
}

Endpoint local_endpoint(int fd) {
  SocketAddress address;
  if (::getsockname(fd, address.get(), &address.length) != 0) return {};
  return to_endpoint(address.get());
}

std::string reason_of(int errno_value) {
  std::string text = errno_text(errno_value);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace sonde
