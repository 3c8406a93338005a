#include <cmath>

#include "web/api/fields.h"
#include "web/api/gate.h"
#include "web/api/granted.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/session_json.h"

namespace sonde::web {
namespace {

/// Why who asks may not do what needs `least`; empty when they may.
std::string why_not(const Call& call, Role least) {
  if (!call.access().sentence().empty()) return call.access().sentence();
  if (!call.set_up) return "This node is not set up yet: open its page with the code that its console shows.";
  if (!call.who) return "Log in to see and change what is configured.";
  if (call.who->role < least)
    return "You are logged in as " + with_article(call.who->role) + "; only " +
           (least == Role::administrator ? "an administrator may change this part of the node."
                                         : "operators and administrators may change tests and peers.");
  return call.now->config_editable ? "" : call.now->config_sentence;
}

HttpResponse get_session(Call& call) {
  JsonWriter out;
  write_session(out, call, call.who);
  return json_reply(std::move(out));
}

HttpResponse log_in(Call& call) {
  Fields in(call.body);
  const std::string user = in.needed_text("user"), password = in.needed_text("password");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (!call.set_up) return problem(403, "", "This node is not set up yet; there are no users.");
  const auto begun = call.access().login(user, password, call.request.source());
  if (const auto* refused = std::get_if<AccessProblem>(&begun)) return problem(*refused);
  return session_reply(call, std::get<Sessions::Begun>(begun), 200);
}

HttpResponse log_out(Call& call) {
  call.access().logout(session_cookie(call.request, *call.now));
  HttpResponse response = no_content();
  response.headers.emplace_back("Set-Cookie", set_cookie(*call.now, ""));
  return response;
}

HttpResponse change_password(Call& call) {
  Fields in(call.body);
  const std::string current = in.needed_text("current"), password = in.needed_text("password");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (!call.who || call.who->csrf.empty()) return problem(403, "", "Only somebody who is logged in has a password.");
  const auto begun = call.access().change_password(call.who->user, current, password, call.request.source());
  if (const auto* refused = std::get_if<AccessProblem>(&begun)) {
    // 401 would say that the session is gone
    return refused->kind == AccessProblem::Kind::denied ? problem(422, refused->field, refused->sentence)
                                                        : problem(*refused);
  }
  return session_reply(call, std::get<Sessions::Begun>(begun), 200);
}

constexpr Route kRoutes[] = {
    {"GET", "/session", Needs::anybody, get_session},
    {"POST", "/session", Needs::anybody, log_in, Route::Body::json},
    {"DELETE", "/session", Needs::viewer, log_out},
    {"PUT", "/session/password", Needs::viewer, change_password, Route::Body::json},
};

}  // namespace

void write_session(JsonWriter& out, const Call& call, const std::optional<Identity>& who) {
  const bool reads = who || call.now->config->settings.public_reading || (!call.set_up && call.request.is_loopback());
  const auto may = [&](Role least) { return who && who->role >= least && call.now->config_editable; };
  out.begin_object().field("authenticated", who.has_value()).field("user", who ? who->user : "").key("role");
  if (who)
    out.value(to_string(who->role));
  else
    out.null();
  out.field("csrf_token", who ? who->csrf : "");
  time_field(out, "expires", who && who->left > Duration::zero() ? call.now->made + who->left : UtcTime{});
  out.field("set_up", call.set_up).field("loopback", call.request.is_loopback()).field("may_read", reads);
  out.field("may_change", may(Role::operator_)).field("may_administer", may(Role::administrator));
  out.field("public_reading", call.now->config->settings.public_reading);
  // before set-up another host learns nothing about this one
  const bool told = call.set_up || call.request.is_loopback();
  out.field("node_name", told ? call.now->config->site.name : "");
  out.field("banner", told ? call.now->config->settings.banner : "");
  out.field("sentence", why_not(call, Role::operator_));
  out.field("administer_sentence", why_not(call, Role::administrator)).end_object();
}

HttpResponse session_reply(Call& call, const Sessions::Begun& begun, int status) {
  call.who = call.access().by_session(begun.id);
  JsonWriter out;
  write_session(out, call, call.who);
  HttpResponse response = json_reply(std::move(out), status);
  response.headers.emplace_back("Set-Cookie", set_cookie(*call.now, begun.id));
  return response;
}

HttpResponse problem(const AccessProblem& told) {
  static constexpr int kStatus[] = {422, 404, 409, 401, 429, 503, 503};
  HttpResponse response = problem(kStatus[static_cast<int>(told.kind)], told.field, told.sentence);
  if (told.wait > Duration::zero())
    response.headers.emplace_back("Retry-After", std::to_string(static_cast<int>(std::ceil(to_seconds(told.wait)))));
  return response;
}

std::span<const Route> session_routes() { return kRoutes; }

}  // namespace sonde::web
