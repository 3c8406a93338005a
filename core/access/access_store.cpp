#include "core/access/access_store.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace sonde {
namespace {

constexpr std::size_t kMostOctets = 4 << 20;

std::optional<std::string> text_of(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  if (!member || member->kind != Json::Kind::text) return std::nullopt;
  return member->text;
}

std::optional<UtcTime> time_of(const Json& object, std::string_view name) {
  const auto text = text_of(object, name);
  return text ? parse_utc(*text) : std::nullopt;
}

std::optional<User> read_user(const Json& object) {
  const auto id = text_of(object, "id"), name = text_of(object, "name"), role = text_of(object, "role"),
             password = text_of(object, "password");
  const auto created = time_of(object, "created");
  if (!id || !name || !role || !password || !created || !role_from(*role)) return std::nullopt;
  return User{*id, *name, *role_from(*role), *password, *created, time_of(object, "last_login")};
}

std::optional<Token> read_token(const Json& object) {
  const auto id = text_of(object, "id"), name = text_of(object, "name"), role = text_of(object, "role"),
             hash = text_of(object, "hash"), by = text_of(object, "created_by");
  const auto created = time_of(object, "created"), expires = time_of(object, "expires");
  const Json* scope = object.find("scope");
  if (!id || !name || !role || !hash || !by || !created || !expires || !scope || !role_from(*role)) return std::nullopt;
  Token token{*id, *name, *role_from(*role), {}, *hash, *created, *expires, time_of(object, "last_use"), *by};
  for (const Json& each : scope->items) token.scope.push_back(each.text);
  return token;
}

template <typename Item, typename Read>
bool read_list(const Json& root, std::string_view name, std::vector<Item>& out, Read read) {
  const Json* list = root.find(name);
  if (!list || list->kind != Json::Kind::array) return false;
  for (const Json& object : list->items) {
    auto item = read(object);
    if (!item) return false;
    out.push_back(std::move(*item));
  }
  return true;
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<UtcTime>& time) {
  if (time) out.field(name, format_utc(*time));
}

void write_user(JsonWriter& out, const User& user) {
  out.begin_object().field("id", user.id).field("name", user.name).field("role", to_string(user.role));
  out.field("password", user.password).field("created", format_utc(user.created));
  write_time(out, "last_login", user.last_login);
  out.end_object();
}

void write_token(JsonWriter& out, const Token& token) {
  out.begin_object().field("id", token.id).field("name", token.name).field("role", to_string(token.role));
  out.key("scope").begin_array();
  for (const std::string& each : token.scope) out.value(each);
  out.end_array().field("hash", token.hash).field("created", format_utc(token.created));
  out.field("expires", format_utc(token.expires)).field("created_by", token.created_by);
  write_time(out, "last_use", token.last_use);
  out.end_object();
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::string with_article(Role role) { return (role == Role::viewer ? "a " : "an ") + std::string(to_string(role)); }

std::optional<Role> role_from(std::string_view text) {
  const auto found = std::ranges::find(kRoleNames, text);
  if (found == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(found - kRoleNames.begin());
}

AccessRecords load_access(const std::string& path) {
  const auto text = read_file(path, kMostOctets);
  if (!text) return {};
  const JsonParsed parsed = parse_json(*text);
  AccessRecords records;
  if (!parsed.value || !read_list(*parsed.value, "users", records.users, read_user) ||
      !read_list(*parsed.value, "tokens", records.tokens, read_token))
    throw Error(path + " is not valid: nobody can log in. Restore it, or run \"sonde reset-password\" on this host.");
  return records;
}

void save_access(const std::string& path, const AccessRecords& records) {
  JsonWriter out;
  out.begin_object().field("version", 1).key("users").begin_array();
  for (const User& user : records.users) write_user(out, user);
  out.end_array().key("tokens").begin_array();
  for (const Token& token : records.tokens) write_token(out, token);
  out.end_array().end_object();
  write_file_atomically(path, out.take() + "\n", 0600);
}

}  // namespace sonde
