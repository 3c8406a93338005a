#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "appliance/ports.h"
#include "core/access/access.h"
#include "core/access/certificate.h"
#include "core/backup/backups.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/judge/judge.h"
#include "web/http.h"
#include "web/machine.h"
#include "web/server.h"
#include "web/view.h"

namespace sonde::web {
class Api;
}

namespace sonde {

/// The node's page: server, API, users and certificate, and the two requests that only the command line may make.
/// start and stop on one thread.
class Page {
 public:
  struct Parts {
    std::filesystem::path data;
    std::string address;  ///< to listen at, or empty for all of both families
    std::uint16_t port = 8443;
    std::uint16_t plain_port = 0;  ///< without TLS, only to lead to the other one; 0 = none
    int port_offset = 0;
    std::vector<web::ListenOn> inherited;  ///< made by who started us: the page is there and nowhere else
    Node* node = nullptr;
    const Clock* clock = nullptr;
    Backups* backups = nullptr;
    Machine* machine = nullptr;  ///< of the live appliance only
    Log log;
  };
  explicit Page(Parts parts);
  ~Page();
  void start();  ///< throws Error: port taken, certificate unreadable
  void stop();
  /// Looks whether names changed or the end is near; true = a new one is served. Waits for the disk.
  bool renew_certificate();
  Listening listening() const;
  Listening listening_plain() const;  ///< what only leads to the page; wanted = 0 = nothing
  /// "https://192.0.2.7:8443/#CODE" while the node is not set up, else without the code.
  std::string link() const;
  std::string fingerprint() const;
  bool set_up() const;

 private:
  web::Handlers handlers();
  web::HttpResponse lead_to_tls(const web::HttpRequest& request) const;
  web::HttpResponse local(const web::HttpRequest& request);
  web::HttpResponse is_administrator(const web::HttpRequest& request);
  web::HttpResponse reset_password(const web::HttpRequest& request);
  Parts parts_;
  mutable Access access_;
  Certificate certificate_;
  std::shared_ptr<Judge> judge_;
  std::unique_ptr<web::Api> api_;
  std::unique_ptr<web::Server> server_, local_;  ///< last: their threads use the rest
};

}  // namespace sonde
