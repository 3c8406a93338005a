#include "probes/throughput/page_pipe.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace sonde::throughput {

PagePipe::~PagePipe() {
  if (pages_ != nullptr) ::munmap(pages_, kOctets);
}

bool PagePipe::make(Pipe& pipe) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  return ::fcntl(pipe.in.get(), F_SETPIPE_SZ, static_cast<int>(kOctets)) >= static_cast<int>(kOctets);
}

bool PagePipe::open() {
  if (!make(store_) || !make(lent_)) return false;
  void* const pages = ::mmap(nullptr, kOctets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return false;
  pages_ = pages;
  std::memset(pages_, 's', kOctets);  // pages of their own, not the one of zeros
  const iovec whole{pages_, kOctets};
  return ::vmsplice(store_.in.get(), &whole, 1, 0) == static_cast<ssize_t>(kOctets);
}

ssize_t PagePipe::send(int socket, std::size_t most) {
  if (waiting_ == 0) {
    const ssize_t lent = ::tee(store_.out.get(), lent_.in.get(), std::min(most, kOctets), 0);
    if (lent <= 0) return -1;
    waiting_ = static_cast<std::size_t>(lent);
  }
  const ssize_t taken = ::splice(lent_.out.get(), nullptr, socket, nullptr, std::min(most, waiting_), SPLICE_F_MOVE);
  if (taken > 0) waiting_ -= static_cast<std::size_t>(taken);
  return taken;
}

}  // namespace sonde::throughput
