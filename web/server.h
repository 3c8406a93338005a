#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "web/http.h"

namespace sonde::web {

struct ListenOn {
  std::string address;     ///< numeric: "0.0.0.0", "::", "192.0.2.7"; "::" takes IPv6 only
  std::uint16_t port = 0;  ///< 0: the kernel chooses, see ports()
  bool tls = true;
  int socket = -1;  ///< listens there already, made by who started this program; the server closes it
};

struct ServerOptions {
  std::vector<ListenOn> listen;
  std::string socket_path;       ///< for the command line, made with mode 0600; empty: none
  std::string certificate_file;  ///< PEM, own certificate first, then its chain; needed where one listens with tls
  std::string key_file;          ///< PEM; may be the same file
  unsigned threads = 200;        ///< one for each open connection
  unsigned max_streams = 64;
  unsigned max_streams_per_source = 4;  ///< not for the command line's socket
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{30'000};  ///< an upload: for each 64 KiB
  std::chrono::milliseconds keep_alive_time{5'000};
};

/// HTTPS on IPv4, IPv6 and a Unix-domain socket. Every response carries the security headers, those that refuse
/// nonsense included. X-Forwarded-For is not looked at. start and stop belong to one thread; handlers run on many.
class Server {
 public:
  Server(ServerOptions options, Handlers handlers, Log log);
  ~Server();  ///< stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Throws Error with a sentence that names the port or file and what to do.
  void start();
  /// Ends event streams at once, waits for running handlers; harmless when not started.
  void stop();
  /// In the order of options.listen, once started.
  std::vector<std::uint16_t> ports() const;
  /// Reads certificate and key again; for connections from now on. Throws Error and keeps the old pair when the
  /// new one does not fit together. From any thread.
  void reload_certificate();
  unsigned open_streams() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde::web
