#include "appliance/administrator.h"

#include <algorithm>

namespace sonde {

ResetOutcome reset_administrator(Access& access, const std::string& password) {
  const auto users = access.users();
  const auto administrator = std::ranges::find(users, Role::administrator, &User::role);
  if (administrator == users.end())
    return {false, "This node has no administrator yet: open its page and set it up with the set-up code."};
  const auto outcome = access.change_user(administrator->id, std::nullopt, password);
  if (const auto* problem = std::get_if<AccessProblem>(&outcome)) return {false, problem->sentence};
  return {true, "The password of " + administrator->name + " was changed; all its sessions ended."};
}

std::string refuse_as_administrator(Access& access, const std::string& user, const std::string& password) {
  if (const auto refused = access.confirm(user, password, "console"))
    return refused->kind == AccessProblem::Kind::denied ? "User or password is wrong." : refused->sentence;
  const auto users = access.users();
  const bool may = std::ranges::any_of(
      users, [&](const User& one) { return one.role == Role::administrator && Access::same_name(one.name, user); });
  return may ? "" : "Only an administrator may have a shell.";
}

}  // namespace sonde
