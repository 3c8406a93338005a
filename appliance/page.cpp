#include "appliance/page.h"

#include <unistd.h>

#include <algorithm>

#include "appliance/administrator.h"
#include "appliance/page_host.h"
#include "appliance/privileges.h"
#include "appliance/version.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/linux_clock.h"
#include "web/api/api.h"
#include "web/assets.h"

namespace sonde {
namespace {

/// Names and addresses by which a browser may reach this node.
std::vector<std::string> reachable_by(const Snapshot& now) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  add(now.config->site.name);
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) add(host);
  for (const std::string& name : now.config->settings.web_names) add(name);
  add("localhost");
  for (const InterfaceState& interface : now.health.interfaces)
    for (const Prefix& address : interface.addresses)
      if (!address.address.is_link_local()) add(address.address.text());
  return names;
}

web::HttpResponse json_response(int status, const JsonWriter& json) { return {.status = status, .body = json.text()}; }

web::HttpResponse refusal(int status, std::string_view sentence) {
  return json_response(
      status,
      JsonWriter().begin_object().field("status", status).field("field", "").field("sentence", sentence).end_object());
}

std::optional<web::HttpResponse> asset(const web::HttpRequest& request) {
  const web::Asset* found = web::find_asset(request.path);
  if (found == nullptr) return std::nullopt;
  return web::asset_response(request, *found);
}

}  // namespace

Page::Page(Parts parts)
    : parts_(std::move(parts)),
      access_(parts_.data, *parts_.clock, parts_.log),
      certificate_(parts_.data, LinuxClock::build_date()),
      judge_(std::make_shared<Judge>(parts_.node->archive(), *parts_.clock)),
      api_(std::make_unique<web::Api>(web::ApiOptions{.node = *parts_.node,
                                                      .access = access_,
                                                      .judge = judge_,
                                                      .backups = parts_.backups,
                                                      .machine = parts_.machine,
                                                      .certificate = &certificate_,
                                                      .certificate_changed =
                                                          [this] {
                                                            if (server_) server_->reload_certificate();
                                                          },
                                                      .asset = asset})) {}

Page::~Page() = default;

void Page::start() {
  certificate_.renew(reachable_by(*parts_.node->snapshot()), parts_.clock->utc_now());
  web::ServerOptions options;
  const auto port = usable_port(parts_.port, parts_.port_offset);
  if (!parts_.inherited.empty()) {
    options.listen = parts_.inherited;
  } else if (!parts_.address.empty()) {
    options.listen = {{parts_.address, port, true}};
  } else {
    options.listen = {{"0.0.0.0", port, true}, {"::", port, true}};
  }
  if (parts_.plain_port != 0)
    for (const char* address : {"0.0.0.0", "::"})
      options.listen.push_back({address, usable_port(parts_.plain_port, parts_.port_offset), false});
  options.certificate_file = certificate_.certificate_file();
  options.key_file = certificate_.key_file();
  server_ = std::make_unique<web::Server>(options, handlers(), parts_.log);
  server_->start();
  // With threads of its own: whoever takes up all of the page's cannot make this node look dead to its own host.
  local_ = std::make_unique<web::Server>(web::ServerOptions{.socket_path = parts_.data / "sonde.sock", .threads = 16},
                                         handlers(), parts_.log);
  local_->start();
  judge_->start();
}

void Page::stop() {
  judge_->stop();
  if (local_) local_->stop();
  if (server_) server_->stop();
}

bool Page::renew_certificate() {
  if (!server_ || !certificate_.renew(reachable_by(*parts_.node->snapshot()), parts_.clock->utc_now())) return false;
  server_->reload_certificate();
  return true;
}

Listening Page::listening() const {
  if (parts_.inherited.empty()) return {parts_.port, usable_port(parts_.port, parts_.port_offset), {}};
  return {parts_.inherited.front().port, parts_.inherited.front().port, {}};
}

Listening Page::listening_plain() const {
  if (parts_.plain_port == 0) return {};
  return {parts_.plain_port, usable_port(parts_.plain_port, parts_.port_offset), {}};
}

std::string Page::link() const {
  const auto now = parts_.node->snapshot();
  const std::string at = parts_.inherited.empty() ? parts_.address : parts_.inherited.front().address;
  const auto port = this->listening().port;
  std::string link =
      "https://" + page_host(at, now->health.interfaces) + (port == 443 ? "" : ":" + std::to_string(port)) + "/";
  if (!set_up()) link += "#" + access_.setup_code().text();
  return link;
}

std::string Page::fingerprint() const { return certificate_.info().fingerprint; }

bool Page::set_up() const { return parts_.node->snapshot()->config->set_up || access_.has_users(); }

/// The API's handlers, with the two local requests before them.
web::Handlers Page::handlers() {
  web::Handlers handlers = api_->handlers();
  handlers.answer = [this, inner = handlers.answer](const web::HttpRequest& request) {
    if (request.path.starts_with("/local/")) return local(request);
    return inner(request);
  };
  handlers.intake = [this, inner = handlers.intake](const web::HttpRequest& head) {
    // Before all else, streams and uploads included.
    if (parts_.plain_port != 0 && !head.is_tls && !head.is_local_socket)
      return web::Intake{.refusal = lead_to_tls(head)};
    return head.path.starts_with("/local/") ? web::Intake{.max_body = 4096} : inner(head);
  };
  return handlers;
}

/// Nothing is told without TLS but where the page is.
web::HttpResponse Page::lead_to_tls(const web::HttpRequest& request) const {
  std::string host(request.header("Host"));
  if (!web::host_is_known(host, reachable_by(*parts_.node->snapshot())))
    return refusal(421, "This is not a name or address of this node.");
  const auto colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.erase(colon);
  web::HttpResponse response;
  response.status = 308;
  const auto port = listening().port;
  response.headers.emplace_back("Location", "https://" + host + (port == 443 ? "" : ":" + std::to_string(port)) + "/");
  return response;
}

/// Only through the socket, which only this user and root can open.
web::HttpResponse Page::local(const web::HttpRequest& request) {
  if (!request.is_local_socket) return refusal(404, "There is nothing at this address.");
  if (request.path == "/local/setup-code" && request.method == "GET") {
    if (set_up()) return refusal(409, "This node is set up already: log in, or use \"sonde reset-password\".");
    return json_response(
        200, JsonWriter().begin_object().field("code", access_.setup_code().text()).field("link", link()).end_object());
  }
  if (request.path == "/local/console" && request.method == "GET") {
    JsonWriter json;
    json.begin_object().field("set_up", set_up()).field("code", set_up() ? "" : access_.setup_code().text());
    json.field("link", link()).field("fingerprint", fingerprint()).field("version", version());
    return json_response(200, json.end_object());
  }
  if (request.path == "/local/reset-password" && request.method == "POST") return reset_password(request);
  if (request.path == "/local/is-administrator" && request.method == "POST") return is_administrator(request);
  return refusal(404, "There is nothing at this address.");
}

/// For whoever wants a shell on the console.
web::HttpResponse Page::is_administrator(const web::HttpRequest& request) {
  const JsonParsed parsed = parse_json(request.body);
  const Json* user = parsed.value ? parsed.value->find("user") : nullptr;
  const Json* password = parsed.value ? parsed.value->find("password") : nullptr;
  if (!user || !password) return refusal(400, "The request holds no name and password.");
  if (const std::string sentence = refuse_as_administrator(access_, user->text, password->text); !sentence.empty())
    return refusal(403, sentence);
  return json_response(200, JsonWriter().begin_object().field("administrator", true).end_object());
}

web::HttpResponse Page::reset_password(const web::HttpRequest& request) {
  const JsonParsed parsed = parse_json(request.body);
  const Json* password = parsed.value ? parsed.value->find("password") : nullptr;
  if (password == nullptr) return refusal(400, "The request holds no password.");
  const ResetOutcome outcome = reset_administrator(access_, password->text);
  if (!outcome.done) return refusal(422, outcome.sentence);
  return json_response(200, JsonWriter().begin_object().field("sentence", outcome.sentence).end_object());
}

}  // namespace sonde
