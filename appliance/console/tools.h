#pragma once

#include <string>
#include <vector>

#include "appliance/console/terminal.h"

namespace sonde {

// What the console does beside asking the set-up's questions. Each throws Error with a sentence when it cannot be done.

/// Lets a person choose the drive for data, and says what that loses before it is done.
void choose_data(Terminal& terminal);
/// Puts this system onto a drive of its own, from which it starts from then on, and shows how far it is.
void install(Terminal& terminal);
/// The newest lines of the node's log.
void show_log(Terminal& terminal);
/// A new password for the administrator, in case it was lost.
void new_password(Terminal& terminal);
/// A shell as root, with an administrator's password once there is one, whether the node answers or not.
void open_shell(Terminal& terminal, bool node_answers);
/// The keys that the configuration has for the remote shell and nobody let in yet: shows them, and lets them in if the
/// person agrees and has an administrator's password.
void let_keys_in(Terminal& terminal, const std::vector<std::string>& keys, bool node_answers);
/// "reboot" or "power-off", after a confirmation.
void leave(Terminal& terminal, const std::string& word, const std::string& question);
/// Has the root helper put the configuration in force, and tells what it could not do.
void apply_to_host(Terminal& terminal);

}  // namespace sonde
