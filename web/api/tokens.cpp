#include <algorithm>

#include "core/config/text_rules.h"
#include "web/api/fields.h"
#include "web/api/granted.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

void write_token(JsonWriter& out, const Token& token, const std::string& secret) {
  out.begin_object().field("id", token.id).field("name", token.name).field("role", to_string(token.role));
  out.key("scope").begin_array();
  for (const std::string& each : token.scope) out.value(each);
  out.end_array();
  time_field(out, "created", token.created);
  time_field(out, "expires", token.expires);
  time_field(out, "last_use", token.last_use);
  out.field("created_by", token.created_by);
  if (!secret.empty()) out.field("token", secret);
  out.end_object();
}

HttpResponse list_tokens(Call& call) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const Token& token : call.access().tokens()) write_token(out, token, "");
  out.end_array().end_object();
  return json_reply(std::move(out));
}

bool is_resource(std::string_view word) {
  return std::ranges::any_of(routes(), [&](const Route& route) {
    const auto rest = route.pattern.substr(1);
    return rest.substr(0, rest.find('/')) == word;
  });
}

HttpResponse add_token(Call& call) {
  Fields in(call.body);
  Token wish;
  wish.name = in.needed_text("name");
  wish.role = static_cast<Role>(in.word("role", kRoleNames));
  wish.scope = in.texts("scope", 32);
  for (const std::string& each : wish.scope)
    if (!is_resource(each))
      in.refuse("scope", refusal("scope", each, "names of resources, as in results, series, paths"));
  in.must("expires");
  wish.expires = in.time("expires").value_or(UtcTime{});
  if (auto wrong = in.finish()) return problem(*wrong);
  wish.created_by = call.who->user;
  const auto made = call.access().add_token(wish);
  if (const auto* refused = std::get_if<AccessProblem>(&made)) return problem(*refused);
  const auto& [token, secret] = std::get<Access::NewToken>(made);
  JsonWriter out;
  write_token(out, token, secret);
  return json_reply(std::move(out), 201);
}

HttpResponse delete_token(Call& call) {
  if (!call.access().remove_token(call.id())) return problem(404, "id", "There is no such token.");
  return no_content();
}

constexpr Route kRoutes[] = {
    {"GET", "/tokens", Needs::administrator, list_tokens},
    {"POST", "/tokens", Needs::administrator, add_token, Route::Body::json},
    {"DELETE", "/tokens/{id}", Needs::administrator, delete_token},
};

}  // namespace

std::span<const Route> token_routes() { return kRoutes; }

}  // namespace sonde::web
