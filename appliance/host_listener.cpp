#include "appliance/host_listener.h"

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>

#include "appliance/host_places.h"
#include "core/base/error.h"

namespace sonde {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostRequest = 64 << 10;

uid_t node_user() {
  const passwd* entry = ::getpwnam(host::kUser);
  if (!entry) throw Error("There is no user sonde here: the root helper is for the live appliance only.");
  return entry->pw_uid;
}

int listen_at(const char* path, uid_t user) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw Error("open", path, errno);
  sockaddr_un address{.sun_family = AF_UNIX};
  std::char_traits<char>::copy(address.sun_path, path, std::char_traits<char>::length(path));
  ::unlink(path);
  const mode_t mask = ::umask(0177);
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(mask);
  if (!bound || ::chown(path, user, 0) != 0 || ::listen(socket, 8) != 0) throw Error("listen at", path, errno);
  return socket;
}

/// Root and the node; the socket's mode says so too.
std::optional<HostAsker> who_asks(int connection, uid_t user) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  if (who.uid == 0) return HostAsker::root;
  return who.uid == user ? std::optional(HostAsker::node) : std::nullopt;
}

/// Small, and whole within some seconds: nobody else is answered meanwhile.
std::string read_request(int connection) {
  const timeval patience{2, 0};
  const auto until = steady_clock::now() + std::chrono::seconds(5);
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::string request;
  std::array<char, 4096> block{};
  for (ssize_t n = 0; request.size() < kMostRequest && steady_clock::now() < until &&
                      (n = ::read(connection, block.data(), block.size())) > 0;)
    request.append(block.data(), static_cast<std::size_t>(n));
  return request;
}

/// Whoever asked may have given up while something else was done.
bool is_waited_for(int connection) {
  pollfd gone{connection, 0, 0};
  return ::poll(&gone, 1, 0) >= 0 && (gone.revents & (POLLHUP | POLLERR)) == 0;
}

}  // namespace

HostListener::HostListener() : user_(node_user()), socket_(listen_at(host::kSocket, user_)) {}

HostListener::~HostListener() {
  ::close(socket_);
  ::unlink(host::kSocket);
}

void HostListener::serve(Duration most, HostParts parts) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(most).count();
  pollfd ready{socket_, POLLIN, 0};
  if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0) return;
  const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  const auto asker = who_asks(connection, user_);
  const std::string request = asker ? read_request(connection) : "";
  if (asker) {
    const std::string answer = answer_host(request, parts, *asker, is_waited_for(connection));
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const ssize_t n = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
  }
  ::close(connection);
}

}  // namespace sonde
