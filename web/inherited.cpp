#include "web/inherited.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/base/error.h"

namespace sonde::web {
namespace {

constexpr int kFirst = 3, kMost = 8;

int number(const char* text) {
  int value = -1;
  if (text == nullptr) return -1;
  const std::string_view all(text);
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  return error == std::errc{} && end == all.data() + all.size() ? value : -1;
}

ListenOn describe(int socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  sockaddr_storage at{};
  socklen_t length = sizeof at;
  if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &length) != 0)
    throw Error("Descriptor " + std::to_string(socket) +
                ", which LISTEN_FDS says is a socket for the web page, is no listening TCP socket.");
  char text[INET6_ADDRSTRLEN] = {};
  ListenOn where{.socket = socket};
  if (at.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&at);
    where.port = ntohs(v4->sin_port);
    ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  } else if (at.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&at);
    where.port = ntohs(v6->sin6_port);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
  } else {
    throw Error("Descriptor " + std::to_string(socket) + " from LISTEN_FDS is no TCP socket.");
  }
  where.address = text;
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  return where;
}

}  // namespace

std::vector<ListenOn> inherited_sockets() {
  const int process = number(std::getenv("LISTEN_PID")), count = number(std::getenv("LISTEN_FDS"));
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDS");
  std::vector<ListenOn> sockets;
  if (process != ::getpid() || count <= 0) return sockets;
  if (count > kMost) throw Error("LISTEN_FDS is " + std::to_string(count) + "; at most 8 sockets are taken over.");
  for (int socket = kFirst; socket < kFirst + count; ++socket) sockets.push_back(describe(socket));
  return sockets;
}

}  // namespace sonde::web
