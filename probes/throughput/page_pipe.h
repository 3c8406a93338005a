#pragma once

#include <sys/types.h>
#include <cstddef>

#include "core/net/linux_socket.h"

namespace sonde::throughput {

/// Endless octets for a socket without a copy: pages of this process sit in one pipe; tee() lends them to a second one,
/// from which splice() hands them to the network. Half the work of sendfile(), which looks each page up again. One
/// thread's.
class PagePipe {
 public:
  static constexpr std::size_t kOctets = 1 << 20;
  PagePipe() = default;
  ~PagePipe();
  PagePipe(const PagePipe&) = delete;
  PagePipe& operator=(const PagePipe&) = delete;
  /// False where the kernel gives no pipes of this size (an ordinary user has some 32 of them).
  bool open();
  /// As send(): what the socket took, or -1 and errno.
  ssize_t send(int socket, std::size_t most);

 private:
  struct Pipe {
    Descriptor out, in;
  };
  static bool make(Pipe& pipe);
  Pipe store_, lent_;
  void* pages_ = nullptr;
  std::size_t waiting_ = 0;  // octets in lent_
};

}  // namespace sonde::throughput
