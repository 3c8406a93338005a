#include "appliance/password_prompt.h"

#include <unistd.h>

#include <iostream>

namespace sonde {

HiddenInput::HiddenInput() : changed_(tcgetattr(STDIN_FILENO, &before_) == 0) {
  if (!changed_) return;
  termios silent = before_;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
}

HiddenInput::~HiddenInput() {
  if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

namespace {

std::string ask_password(const std::string& prompt) {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  if (terminal) std::cerr << prompt << std::flush;
  std::string password;
  {
    const HiddenInput hidden;
    std::getline(std::cin, password);
  }
  if (terminal) std::cerr << '\n';
  return password;
}

}  // namespace

std::optional<std::string> ask_new_password(const std::string& prompt) {
  std::string password = ask_password(prompt);
  if (isatty(STDIN_FILENO) == 0 || ask_password("Once more: ") == password) return password;
  std::cerr << "The two passwords differ; nothing was done.\n";
  return std::nullopt;
}

}  // namespace sonde
