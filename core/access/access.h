#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/access/access_store.h"
#include "core/access/login_delay.h"
#include "core/access/password.h"
#include "core/access/sessions.h"
#include "core/access/setup_code.h"
#include "core/base/log.h"

namespace sonde {

/// Why something was not done.
struct AccessProblem {
  enum class Kind : std::uint8_t { refused, unknown, exists, denied, wait, busy, broken };
  Kind kind = Kind::refused;
  std::string field, sentence;
  Duration wait{};  ///< of `wait`: when to try again
};
template <typename T>
using Granted = std::variant<T, AccessProblem>;

/// Who asks, as a session or token proves it.
struct Identity {
  std::string user;  ///< or "token NAME"
  Role role = Role::viewer;
  bool is_token = false;
  std::vector<std::string> scope;  ///< of a token; empty = all
  std::string csrf;                ///< of a session
  Duration left{};
};

/// Users, tokens, sessions and the set-up code. Nothing secret leaves it but a new session's id and a new token, once.
/// Safe to call from any thread; what hashes a password waits for its turn.
class Access {
 public:
  /// Reads `folder`/access.json. A broken one does not throw: nobody can log in then, and sentence() says so.
  Access(std::string folder, const Clock& clock, Log log);

  std::string sentence() const;
  bool has_users() const;
  /// Names of accounts differ by more than case.
  static bool same_name(const std::string& a, const std::string& b);
  std::vector<User> users() const;
  std::vector<Token> tokens() const;
  std::uint64_t revision() const;  ///< grows with every change of users

  Granted<User> add_user(const std::string& name, Role role, const std::string& password);
  /// The administrator of a set-up file, which holds a hash only. Refused once there are users.
  Granted<User> add_first_user(const std::string& name, const std::string& hash);
  /// The last administrator stays one. Ends the user's sessions.
  Granted<User> change_user(const std::string& id, std::optional<Role> role, std::optional<std::string> password);
  std::optional<AccessProblem> remove_user(const std::string& id);
  /// Set-up could not be finished: as if its administrator had never been added. Does nothing once there are two.
  void undo_first_user();

  struct NewToken {
    Token token;
    std::string secret;  ///< "sonde_" and 64 hexadecimal digits; shown this once
  };
  Granted<NewToken> add_token(Token wish);
  bool remove_token(const std::string& id);

  /// `source` as HttpRequest::source(): failures delay the next try by account and by source.
  Granted<Sessions::Begun> login(const std::string& name, const std::string& password, const std::string& source);
  /// Ends all sessions of the user and begins a new one.
  Granted<Sessions::Begun> change_password(const std::string& name, const std::string& current,
                                           const std::string& password, const std::string& source);
  /// Whether the password is that user's, asked again before something grave; wrong ones count as failed logins.
  std::optional<AccessProblem> confirm(const std::string& name, const std::string& password, const std::string& source);
  void logout(std::string_view session) { sessions_.end(session); }
  std::optional<Identity> by_session(std::string_view session);
  /// Without counting as use: an open page does not keep its session from becoming idle.
  bool session_lives(std::string_view session) const;
  std::optional<Identity> by_token(std::string_view secret);

  SetupCode& setup_code() { return setup_code_; }

 private:
  std::optional<AccessProblem> save(AccessRecords next);
  std::optional<AccessProblem> prove(const std::string& name, const std::string& password, const std::string& source);
  Granted<User> add_hashed(const std::string& name, Role role, const std::string& hash);
  Granted<std::string> hashed(const std::string& name, const std::string& password);
  const std::string path_;
  const Clock& clock_;
  Log log_;
  PasswordHasher hasher_;
  LoginDelay delay_;
  Sessions sessions_;
  SetupCode setup_code_;
  mutable std::mutex mutex_;
  AccessRecords records_;       // guarded by mutex_
  std::string broken_;          // guarded by mutex_
  std::uint64_t revision_ = 1;  // guarded by mutex_
};

}  // namespace sonde
