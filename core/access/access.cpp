#include "core/access/access.h"

#include <algorithm>

#include "core/access/secret.h"
#include "core/base/error.h"
#include "core/config/text_rules.h"

namespace sonde {
namespace {

using Kind = AccessProblem::Kind;
constexpr std::size_t kMostUsers = 200, kMostTokens = 200;
constexpr Duration kLongestToken = std::chrono::hours(24 * 366 * 2);
constexpr Duration kLastUseStep = std::chrono::minutes(10);

AccessProblem refused(std::string field, std::string sentence) {
  return {Kind::refused, std::move(field), std::move(sentence), {}};
}

AccessProblem busy() {
  return {Kind::busy, "", "Too many logins are being checked at this moment; try again in a few seconds.", {}};
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string check_name(const std::string& name) {
  if (name.empty()) return refusal("name", name, "1 to 64 characters");
  return check_line("name", name, 64);
}

bool has_other_administrator(const AccessRecords& records, const std::string& id) {
  return std::ranges::any_of(records.users, [&](const User& u) { return u.id != id && u.role == Role::administrator; });
}

AccessProblem last_administrator(const std::string& name) {
  return {Kind::exists, "role", name + " is the only administrator; make another one first.", {}};
}

}  // namespace

Access::Access(std::string folder, const Clock& clock, Log log)
    : path_(folder + "/access.json"),
      clock_(clock),
      log_(std::move(log)),
      delay_(clock),
      sessions_(clock),
      setup_code_(clock) {
  try {
    records_ = load_access(path_);
  } catch (const Error& error) {
    broken_ = error.what();
    log_.error("the users cannot be read", {{"why", broken_}});
  }
}

std::string Access::sentence() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

bool Access::same_name(const std::string& a, const std::string& b) { return lower(a) == lower(b); }

bool Access::has_users() const {
  const std::lock_guard lock(mutex_);
  return !records_.users.empty() || !broken_.empty();
}

std::vector<User> Access::users() const {
  const std::lock_guard lock(mutex_);
  return records_.users;
}

std::vector<Token> Access::tokens() const {
  const std::lock_guard lock(mutex_);
  return records_.tokens;
}

std::uint64_t Access::revision() const {
  const std::lock_guard lock(mutex_);
  return revision_;
}

/// With mutex_ held. Memory follows the disk, never the other way round.
std::optional<AccessProblem> Access::save(AccessRecords next) {
  if (!broken_.empty()) return AccessProblem{Kind::broken, "", broken_, {}};
  try {
    save_access(path_, next);
  } catch (const Error& error) {
    return AccessProblem{Kind::broken, "", std::string(error.what()) + ". Nothing was changed.", {}};
  }
  records_ = std::move(next);
  return std::nullopt;
}

Granted<std::string> Access::hashed(const std::string& name, const std::string& password) {
  if (auto sentence = check_password(name, password); !sentence.empty())
    return refused("password", std::move(sentence));
  auto hash = hasher_.hash(password);
  if (!hash) return busy();
  return *hash;
}

Granted<User> Access::add_user(const std::string& name, Role role, const std::string& password) {
  if (auto sentence = check_name(name); !sentence.empty()) return refused("name", std::move(sentence));
  auto hash = hashed(name, password);
  if (auto* problem = std::get_if<AccessProblem>(&hash)) return *problem;
  return add_hashed(name, role, std::get<std::string>(hash));
}

Granted<User> Access::add_first_user(const std::string& name, const std::string& hash) {
  if (auto sentence = check_name(name); !sentence.empty()) return refused("name", std::move(sentence));
  if (!is_password_hash(hash)) return refused("password", "password: this is no hash of a password.");
  if (has_users()) return AccessProblem{Kind::exists, "", "There are users already.", {}};
  return add_hashed(name, Role::administrator, hash);
}

Granted<User> Access::add_hashed(const std::string& name, Role role, const std::string& hash) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::any_of(records_.users, [&](const User& user) { return same_name(user.name, name); }))
    return AccessProblem{Kind::exists, "name", refusal("name", name, "a name that no other user has"), {}};
  if (records_.users.size() >= kMostUsers)
    return AccessProblem{Kind::exists, "", "There are 200 users already, which is the most.", {}};
  User user{random_hex(6), name, role, hash, clock_.utc_now(), {}};
  AccessRecords next = records_;
  next.users.push_back(user);
  if (auto problem = save(std::move(next))) return *problem;
  ++revision_;
  log_.info("user added", {{"user", name}, {"role", std::string(to_string(role))}});
  return user;
}

Granted<User> Access::change_user(const std::string& id, std::optional<Role> role,
                                  std::optional<std::string> password) {
  std::string name;
  for (const User& user : users())
    if (user.id == id) name = user.name;
  Granted<std::string> hash;
  if (password && !name.empty()) hash = hashed(name, *password);
  if (auto* problem = std::get_if<AccessProblem>(&hash)) return *problem;
  const std::lock_guard lock(mutex_);
  AccessRecords next = records_;
  const auto user = std::ranges::find(next.users, id, &User::id);
  if (user == next.users.end()) return AccessProblem{Kind::unknown, "", "There is no such user.", {}};
  const bool demoted = role && *role != Role::administrator && user->role == Role::administrator;
  if (demoted && !has_other_administrator(next, id)) return last_administrator(user->name);
  if (role) user->role = *role;
  if (password) user->password = std::get<std::string>(hash);
  const User changed = *user;
  if (auto problem = save(std::move(next))) return *problem;
  sessions_.end_all_of(changed.name);
  ++revision_;
  log_.info("user changed", {{"user", changed.name}});
  return changed;
}

std::optional<AccessProblem> Access::remove_user(const std::string& id) {
  const std::lock_guard lock(mutex_);
  AccessRecords next = records_;
  const auto user = std::ranges::find(next.users, id, &User::id);
  if (user == next.users.end()) return AccessProblem{Kind::unknown, "", "There is no such user.", {}};
  if (user->role == Role::administrator && !has_other_administrator(next, id)) return last_administrator(user->name);
  const std::string name = user->name;
  next.users.erase(user);
  if (auto problem = save(std::move(next))) return problem;
  sessions_.end_all_of(name);
  ++revision_;
  log_.info("user removed", {{"user", name}});
  return std::nullopt;
}

void Access::undo_first_user() {
  const std::lock_guard lock(mutex_);
  if (records_.users.size() == 1) save({{}, records_.tokens});
}

Granted<Access::NewToken> Access::add_token(Token wish) {
  if (auto sentence = check_name(wish.name); !sentence.empty()) return refused("name", std::move(sentence));
  const UtcTime now = clock_.utc_now();
  if (wish.expires <= now || wish.expires > now + kLongestToken)
    return refused("expires", refusal("expires", format_utc(wish.expires, 0), "a time from now to two years from now"));
  const std::string secret = "sonde_" + random_hex(32);
  wish.id = random_hex(6);
  wish.hash = sha256_hex(secret);
  wish.created = now;
  wish.last_use.reset();
  const std::lock_guard lock(mutex_);
  AccessRecords next = records_;
  std::erase_if(next.tokens, [&](const Token& token) { return token.expires <= now; });
  if (next.tokens.size() >= kMostTokens)
    return AccessProblem{Kind::exists, "", "There are 200 tokens already, which is the most.", {}};
  next.tokens.push_back(wish);
  if (auto problem = save(std::move(next))) return *problem;
  log_.info("token made", {{"token", wish.name}, {"by", wish.created_by}});
  return NewToken{wish, secret};
}

bool Access::remove_token(const std::string& id) {
  const std::lock_guard lock(mutex_);
  AccessRecords next = records_;
  if (std::erase_if(next.tokens, [&](const Token& token) { return token.id == id; }) == 0) return false;
  if (auto problem = save(std::move(next))) throw Error(problem->sentence);
  return true;
}

/// Empty = the password is right. An unknown name costs as much time as a wrong password and says the same.
std::optional<AccessProblem> Access::prove(const std::string& name, const std::string& password,
                                           const std::string& source) {
  std::string stored, account;
  {
    const std::lock_guard lock(mutex_);
    if (!broken_.empty()) return AccessProblem{Kind::broken, "", broken_, {}};
    for (const User& user : records_.users)
      if (same_name(user.name, name)) stored = user.password, account = user.name;
  }
  if (const Duration wait = delay_.wait(account, source); wait > Duration::zero())
    return AccessProblem{Kind::wait, "",
                         "After failed tries the next one is taken in " +
                             format_duration(std::chrono::ceil<std::chrono::seconds>(wait)) + ".",
                         wait};
  const auto right = hasher_.verify(password.substr(0, 1024), stored);
  if (!right) return busy();
  if (!*right) {
    delay_.failed(account, source);
    log_.warning("login failed", {{"source", source}});
    return AccessProblem{Kind::denied, "password", "User or password is wrong.", {}};
  }
  delay_.succeeded(account, source);
  return std::nullopt;
}

Granted<Sessions::Begun> Access::login(const std::string& name, const std::string& password,
                                       const std::string& source) {
  if (auto problem = prove(name, password, source)) return *problem;
  const std::lock_guard lock(mutex_);
  AccessRecords next = records_;
  const auto user = std::ranges::find_if(next.users, [&](const User& u) { return same_name(u.name, name); });
  if (user == next.users.end()) return AccessProblem{Kind::denied, "password", "User or password is wrong.", {}};
  user->last_login = clock_.utc_now();
  const std::string account = user->name;
  // a full disk must not keep the operator out: the time of the login is lost then, nothing else
  if (save(std::move(next))) log_.warning("the time of a login could not be stored", {{"user", account}});
  log_.info("login", {{"user", account}, {"source", source}});
  return sessions_.begin(account);
}

std::optional<AccessProblem> Access::confirm(const std::string& name, const std::string& password,
                                             const std::string& source) {
  auto problem = prove(name, password, source);
  if (problem && problem->kind == Kind::denied) problem->sentence = "The password is wrong.";
  return problem;
}

Granted<Sessions::Begun> Access::change_password(const std::string& name, const std::string& current,
                                                 const std::string& password, const std::string& source) {
  if (auto problem = prove(name, current, source)) {
    if (problem->kind == Kind::denied) problem->field = "current", problem->sentence = "The current password is wrong.";
    return *problem;
  }
  std::string id;
  for (const User& user : users())
    if (user.name == name) id = user.id;
  auto changed = change_user(id, std::nullopt, password);
  if (auto* problem = std::get_if<AccessProblem>(&changed)) return *problem;
  return sessions_.begin(name);
}

std::optional<Identity> Access::by_session(std::string_view session) {
  const auto found = sessions_.find(session);
  if (!found) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto user = std::ranges::find(records_.users, found->user, &User::name);
  if (user == records_.users.end()) return std::nullopt;
  return Identity{user->name, user->role, false, {}, found->csrf, found->left};
}

bool Access::session_lives(std::string_view session) const { return sessions_.lives(session); }

std::optional<Identity> Access::by_token(std::string_view secret) {
  if (!secret.starts_with("sonde_") || secret.size() > 200) return std::nullopt;
  const std::string hash = sha256_hex(secret);
  const UtcTime now = clock_.utc_now();
  const std::lock_guard lock(mutex_);
  const auto token = std::ranges::find_if(records_.tokens, [&](const Token& t) { return same_secret(t.hash, hash); });
  if (token == records_.tokens.end() || token->expires <= now) return std::nullopt;
  const bool stale = !token->last_use || now - *token->last_use > kLastUseStep;
  token->last_use = now;
  const Identity identity{"token " + token->name, token->role, true, token->scope, "", token->expires - now};
  if (stale && broken_.empty()) {
    try {
      save_access(path_, records_);
    } catch (const Error& error) {
      log_.warning("the use of a token could not be stored", {{"why", error.what()}});
    }
  }
  return identity;
}

}  // namespace sonde
