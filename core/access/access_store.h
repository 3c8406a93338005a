#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace sonde {

/// Each may what the ones before it may: a viewer reads; an operator runs and edits what is measured (peers, tests,
/// pauses); an administrator everything.
enum class Role : std::uint8_t { viewer, operator_, administrator };
inline constexpr std::array<std::string_view, 3> kRoleNames = {"viewer", "operator",
                                                               "administrator"};  ///< in Role's order
std::string_view to_string(Role role);
std::string with_article(Role role);  ///< "an operator"
std::optional<Role> role_from(std::string_view text);

struct User {
  std::string id, name;
  Role role = Role::viewer;
  std::string password;  ///< as PasswordHasher wrote it; never leaves core/access
  UtcTime created{};
  std::optional<UtcTime> last_login;
};

/// A program's key. The token itself is known to the program alone.
struct Token {
  std::string id, name;
  Role role = Role::viewer;
  std::vector<std::string> scope;  ///< resources it may use; empty = all its role may
  std::string hash;                ///< SHA-256 of the token
  UtcTime created{}, expires{};
  std::optional<UtcTime> last_use;
  std::string created_by;
};

/// The secrets file's content. `DATA/access.json`, mode 0600.
struct AccessRecords {
  std::vector<User> users;
  std::vector<Token> tokens;
};

/// Empty records when there is no file. Throws Error with a sentence when it cannot be read or is not valid.
AccessRecords load_access(const std::string& path);
void save_access(const std::string& path, const AccessRecords& records);

}  // namespace sonde
