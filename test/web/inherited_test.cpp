#include "web/inherited.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>

#include "core/base/error.h"

using namespace sonde;

namespace {

enum Made { listening, bound_only };

/// What `look` says, in a process whose descriptor 3 is a socket on the loopback interface.
int in_child(Made made, const std::string& count, const std::function<int(std::uint16_t port)>& look, int pid = 0) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    ::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &length);
    if (made == listening) ::listen(socket, 1);
    if (socket != 3) ::dup2(socket, 3);
    ::setenv("LISTEN_PID", std::to_string(pid != 0 ? pid : ::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    int said = 99;
    try {
      said = look(ntohs(at.sin_port));
    } catch (const Error&) {
      said = 77;
    }
    ::_exit(said);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int how_many(std::uint16_t) { return static_cast<int>(web::inherited_sockets().size()); }

}  // namespace

TEST_CASE("a listening socket is taken over with its address, and not handed on") {
  CHECK(in_child(listening, "1", [](std::uint16_t port) {
          const auto sockets = web::inherited_sockets();
          if (sockets.size() != 1 || sockets[0].socket != 3) return 1;
          if (sockets[0].address != "127.0.0.1" || sockets[0].port != port || !sockets[0].tls) return 2;
          if ((::fcntl(3, F_GETFD) & FD_CLOEXEC) == 0 || std::getenv("LISTEN_FDS") != nullptr) return 3;
          return 0;
        }) == 0);
}

TEST_CASE("sockets meant for another process, none, and nonsense are left alone") {
  CHECK(in_child(listening, "1", how_many, 1) == 0);
  CHECK(in_child(listening, "0", how_many) == 0);
  CHECK(in_child(listening, "one", how_many) == 0);
  CHECK(in_child(listening, "-3", how_many) == 0);
}

TEST_CASE("what does not listen, and too many, are refused") {
  CHECK(in_child(bound_only, "1", how_many) == 77);
  CHECK(in_child(listening, "9", how_many) == 77);
}
