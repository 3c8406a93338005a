// The machine underneath, on the live appliance: its data, drives, systems, restart. Its root helper does what is
// asked.
#include "web/machine.h"

#include "web/api/api.h"
#include "web/api/fields.h"
#include "web/api/granted.h"
#include "web/api/machine_json.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

constexpr std::uint64_t kMostImage = 1ULL << 30;  ///< a slot's size

HttpResponse none() {
  return problem(404, "", "This is no live appliance: the machine underneath belongs to whoever runs it.");
}

HttpResponse told(const std::string& sentence, int status = 202) {
  return json_reply(std::move(JsonWriter().begin_object().field("sentence", sentence).end_object()), status);
}

/// The answer to a change: its Problem, else that it has begun.
HttpResponse outcome(const std::optional<Problem>& refused, const std::string& sentence) {
  return refused ? problem(*refused) : told(sentence);
}

HttpResponse machine_reply(const Call& call) {
  JsonWriter out;
  write_machine(out, call.parts.machine->view());
  return json_reply(std::move(out));
}

HttpResponse get_machine(Call& call) { return call.parts.machine ? machine_reply(call) : none(); }

/// What cannot be taken back is asked of a person: a session's user gives the password again. On the node's own socket
/// root or the node's user asks, who could read it all anyway.
std::optional<HttpResponse> refuse_without_password(Call& call, const std::string& password) {
  if (call.request.is_local_socket) return std::nullopt;
  if (call.who->is_token)
    return problem(403, "password", "This needs the password of an administrator who is logged in; a token has none.");
  if (password.empty())
    return problem(422, "password", "Give your password again: this changes what the machine runs.");
  const auto refused = call.access().confirm(call.who->user, password, call.request.source());
  if (!refused) return std::nullopt;
  // 401 would say that the session is gone
  if (refused->kind == AccessProblem::Kind::denied) return problem(422, "password", refused->sentence);
  return problem(*refused);
}

std::optional<Problem> read_choice(Call& call, Machine::DriveChoice& choice, bool may_format) {
  Fields in(call.body);
  choice.drive = in.needed_text("drive");
  choice.typed = in.text("typed");
  if (may_format) choice.format = in.flag("format");
  return in.finish();
}

HttpResponse post_data(Call& call) {
  if (!call.parts.machine) return none();
  Machine::DriveChoice choice;
  if (auto wrong = read_choice(call, choice, true)) return problem(*wrong);
  return outcome(call.parts.machine->use_data(choice, call.who->user),
                 "It has begun: the node starts anew with its data on " + choice.drive + ".");
}

HttpResponse post_install(Call& call) {
  if (!call.parts.machine) return none();
  Machine::DriveChoice choice;
  if (auto wrong = read_choice(call, choice, false)) return problem(*wrong);
  return outcome(call.parts.machine->install(choice, call.who->user),
                 "It has begun: the system is put on " + choice.drive + ".");
}

HttpResponse put_image(Call& call, BodyReader& body) {
  if (!call.parts.machine) return none();
  Query query(call.request);
  const bool older = query.word("older", {{"0", "1"}}, "0") == "1";
  if (auto wrong = query.finish()) return problem(*wrong);
  const auto refused = call.parts.machine->take_image([&](std::span<char> out) { return body.read(out); },
                                                      body.length(), older, call.who->user);
  if (!refused) return machine_reply(call);
  drop_rest(body);
  return problem(*refused);
}

HttpResponse post_fetch(Call& call) {
  if (!call.parts.machine) return none();
  Fields in(call.body);
  const std::string url = in.needed_text("url");
  const bool older = in.flag("older");
  if (auto wrong = in.finish()) return problem(*wrong);
  return outcome(call.parts.machine->fetch_image(url, older, call.who->user), "It is being fetched.");
}

HttpResponse delete_image(Call& call) {
  if (!call.parts.machine) return none();
  const auto refused = call.parts.machine->drop_image(call.who->user);
  return refused ? problem(*refused) : no_content();
}

HttpResponse post_upgrade(Call& call) {
  if (!call.parts.machine) return none();
  Fields in(call.body);
  const bool older = in.flag("older");
  const std::string password = in.text("password");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (older)
    if (auto refused = refuse_without_password(call, password)) return *refused;
  return outcome(call.parts.machine->upgrade(older, call.who->user),
                 "It has begun: the image is checked and written to the slot that does not run.");
}

HttpResponse post_go_back(Call& call) {
  if (!call.parts.machine) return none();
  Fields in(call.body);
  const std::string password = in.text("password");
  if (auto wrong = in.finish()) return problem(*wrong);
  if (auto refused = refuse_without_password(call, password)) return *refused;
  return outcome(call.parts.machine->go_back(call.who->user), "It has begun: the system in the other slot is checked.");
}

HttpResponse post_restart(Call& call) {
  if (!call.parts.machine) return none();
  return outcome(call.parts.machine->restart(call.who->user), "The machine starts again.");
}

HttpResponse post_power_off(Call& call) {
  if (!call.parts.machine) return none();
  return outcome(call.parts.machine->power_off(call.who->user), "The machine goes off.");
}

constexpr Route kRoutes[] = {
    {"GET", "/machine", Needs::administrator, get_machine},
    {"POST", "/machine/data", Needs::administrator, post_data, Route::Body::json},
    {"POST", "/machine/install", Needs::administrator, post_install, Route::Body::json},
    {"PUT", "/machine/image", Needs::administrator, nullptr, Route::Body::upload, put_image, kMostImage},
    {"DELETE", "/machine/image", Needs::administrator, delete_image},
    {"POST", "/machine/image/fetch", Needs::administrator, post_fetch, Route::Body::json},
    {"POST", "/machine/upgrade", Needs::administrator, post_upgrade, Route::Body::json},
    {"POST", "/machine/go-back", Needs::administrator, post_go_back, Route::Body::json},
    {"POST", "/machine/restart", Needs::administrator, post_restart},
    {"POST", "/machine/power-off", Needs::administrator, post_power_off},
};

}  // namespace

std::span<const Route> machine_routes() { return kRoutes; }

}  // namespace sonde::web
