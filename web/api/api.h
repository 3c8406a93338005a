#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/access/access.h"
#include "core/access/certificate.h"
#include "core/backup/backups.h"
#include "core/judge/judge.h"
#include "web/api/hub.h"
#include "web/http.h"
#include "web/machine.h"
#include "web/view.h"

namespace sonde::web {

/// What the API stands on. Everything outlives the Api.
struct ApiOptions {
  Node& node;
  Access& access;
  std::shared_ptr<Judge> judge;               ///< is told of every snapshot and Result; what tells it keeps it
  Backups* backups = nullptr;                 ///< null: none can be made here
  Machine* machine = nullptr;                 ///< null: the machine is not ours, this is no live appliance
  Certificate* certificate = nullptr;         ///< null: served without TLS
  std::function<void()> certificate_changed;  ///< the server must read it again
  /// The pages: an answer for paths outside /api, or empty for 404. Everything in them may be seen by anybody.
  std::function<std::optional<HttpResponse>(const HttpRequest&)> asset;
};

/// Everything below /api/v1, as openapi.json describes it, and the rules of who may call what. Handlers run on the
/// server's threads.
class Api {
 public:
  explicit Api(ApiOptions options);
  ~Api();
  /// For the Server. The Api outlives it.
  Handlers handlers();

  Intake intake(const HttpRequest& head);
  HttpResponse handle(const HttpRequest& request);
  HttpResponse upload(const HttpRequest& request, BodyReader& body);
  void stream(const HttpRequest& request, EventStream& events);

 private:
  ApiOptions options_;
  std::shared_ptr<Hub> hub_;
};

}  // namespace sonde::web
