#include <algorithm>

#include "web/api/fields.h"
#include "web/api/granted.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

void write_user(JsonWriter& out, const User& user) {
  out.begin_object().field("id", user.id).field("name", user.name).field("role", to_string(user.role));
  time_field(out, "created", user.created);
  time_field(out, "last_login", user.last_login);
  out.end_object();
}

HttpResponse user_reply(Call& call, const Granted<User>& outcome, int status) {
  if (const auto* refused = std::get_if<AccessProblem>(&outcome)) return problem(*refused);
  JsonWriter out;
  write_user(out, std::get<User>(outcome));
  return with_etag(json_reply(std::move(out), status), call.access().revision());
}

HttpResponse list_users(Call& call) {
  const std::uint64_t revision = call.access().revision();
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const User& user : call.access().users()) write_user(out, user);
  out.end_array().end_object();
  return with_etag(json_reply(std::move(out)), revision);
}

HttpResponse add_user(Call& call) {
  Fields in(call.body);
  const std::string name = in.needed_text("name"), password = in.needed_text("password");
  const Role role = static_cast<Role>(in.word("role", kRoleNames));
  if (auto wrong = in.finish()) return problem(*wrong);
  return user_reply(call, call.access().add_user(name, role, password), 201);
}

HttpResponse change_user(Call& call) {
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  if (condition.revision != call.access().revision())
    return problem(412, "If-Match", "The users were changed meanwhile; read them again first.");
  Fields in(call.body);
  std::optional<Role> role;
  if (in.has("role")) role = static_cast<Role>(in.word("role", kRoleNames, 0));
  std::optional<std::string> password;
  if (in.has("password")) password = in.text("password");
  if (auto wrong = in.finish()) return problem(*wrong);
  return user_reply(call, call.access().change_user(call.id(), role, password), 200);
}

HttpResponse delete_user(Call& call) {
  if (const auto refused = call.access().remove_user(call.id())) return problem(*refused);
  return no_content();
}

constexpr Route kRoutes[] = {
    {"GET", "/users", Needs::administrator, list_users},
    {"POST", "/users", Needs::administrator, add_user, Route::Body::json},
    {"PUT", "/users/{id}", Needs::administrator, change_user, Route::Body::json},
    {"DELETE", "/users/{id}", Needs::administrator, delete_user},
};

}  // namespace

std::span<const Route> user_routes() { return kRoutes; }

}  // namespace sonde::web
