#include "web/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace sonde::web {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address to_address(const ListenOn& where) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, where.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(where.port);
    address.length = sizeof *v4;
  } else if (inet_pton(AF_INET6, where.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(where.port);
    address.length = sizeof *v6;
  } else {
    throw Error("\"" + where.address + "\" is no IP address to listen on: write one like 192.0.2.7, 0.0.0.0 or ::.");
  }
  return address;
}

[[noreturn]] void throw_cannot_listen(const ListenOn& where, int reason) {
  const std::string port = std::to_string(where.port);
  const std::string what = "The web page cannot use port " + port + " on " + where.address + ": ";
  if (reason == EADDRINUSE) {
    throw Error(what +
                "another program has it. Stop that program (ss -ltnp shows it) or move our ports with "
                "--port-offset.");
  }
  if (reason == EACCES) {
    throw Error(what + "ports below 1024 need root or CAP_NET_BIND_SERVICE. Start as root or use --port-offset.");
  }
  if (reason == EADDRNOTAVAIL) throw Error(what + "this host does not have that address. Choose one that it has.");
  throw Error(what + errno_text(reason) + ".");
}

bool somebody_answers(int folder, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void check_can_listen(const ListenOn& where) {
  const Address address = to_address(where);
  const Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) throw_cannot_listen(where, errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.get(), address.get(), address.length) != 0) throw_cannot_listen(where, errno);
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  const std::string parent = folder_of(path_);
  {
    const Descriptor parent_descriptor(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (parent_descriptor.get() < 0) throw Error("open folder", parent, errno);
    struct stat found {};
    if (::lstat(path_.c_str(), &found) == 0) {
      if (!S_ISSOCK(found.st_mode))
        throw Error("There is a file in the place of our socket: " + path_ + ". Move it away.");
      if (somebody_answers(parent_descriptor.get(), path_.substr(path_.rfind('/') + 1))) {
        throw Error("Another sonde with the same data folder answers on " + path_ +
                    ". Stop it or choose another --data.");
      }
    }
  }
  std::string made = parent + "/.sonde-XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) throw Error("write into folder", parent, errno);
  folder_ = made;
  folder_descriptor_ = ::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

SocketFile::~SocketFile() {
  if (folder_descriptor_ >= 0) ::close(folder_descriptor_);
  ::unlink(published_ ? path_.c_str() : (folder_ + "/s").c_str());
  if (!published_) ::rmdir(folder_.c_str());
}

std::string SocketFile::bind_path() const { return "/proc/self/fd/" + std::to_string(folder_descriptor_) + "/s"; }

void SocketFile::publish() {
  const std::string bound = folder_ + "/s";
  if (::chmod(bound.c_str(), 0600) != 0) throw Error("protect", bound, errno);
  if (::rename(bound.c_str(), path_.c_str()) != 0) throw Error("make", path_, errno);
  published_ = true;
  ::rmdir(folder_.c_str());
}

}  // namespace sonde::web
