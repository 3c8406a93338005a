#pragma once

#include "core/access/access.h"
#include "core/base/json.h"
#include "test/support/fake_machine.h"
#include "test/support/fake_node.h"
#include "test/support/manual_clock.h"
#include "test/support/temporary_folder.h"
#include "web/api/api.h"
#include "web/api/router.h"

namespace sonde::test {

/// An Api with everything it stands on, and people who use it.
class ApiHouse {
 public:
  explicit ApiHouse(bool set_up = true, bool appliance = true);
  ~ApiHouse();

  TemporaryFolder folder;
  ManualClock clock;
  FakeNode node;
  Access access;
  std::shared_ptr<Judge> judge;
  Certificate certificate;
  Backups backups;
  FakeMachine machine;
  int restarts = 0;  ///< that a restore asked for
  int certificate_changes = 0;
  web::Api api;

  /// As anybody from outside, over TLS, by address.
  web::HttpRequest request(const std::string& method, const std::string& target, const std::string& body = "") const;
  /// As somebody logged in by browser, with everything that a good page sends.
  web::HttpRequest as(const std::string& user, const std::string& method, const std::string& target,
                      const std::string& body = "");
  web::HttpRequest as_admin(const std::string& method, const std::string& target, const std::string& body = "") {
    return as("alice", method, target, body);
  }
  web::HttpRequest as_viewer(const std::string& method, const std::string& target) {
    return as("victor", method, target);
  }
  /// Through intake and handler, as the server does.
  web::HttpResponse send(const web::HttpRequest& request);
  Json json(const web::HttpRequest& request);

  static inline const std::string kPassword = "correct horse battery";

 private:
  struct Login {
    std::string session, csrf;
  };
  std::map<std::string, Login> logins_;
};

void set_header(web::HttpRequest& request, const std::string& name, const std::string& value);
void drop_header(web::HttpRequest& request, const std::string& name);
std::string header_of(const web::HttpResponse& response, const std::string& name);
Json body_of(const web::HttpResponse& response);
/// A path of the route with something at "{id}".
std::string example_path(const web::Route& route);

}  // namespace sonde::test
