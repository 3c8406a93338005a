#pragma once

#include <termios.h>

#include <optional>
#include <string>

namespace sonde {

/// Switches the terminal's echo off as long as it lives.
class HiddenInput {
 public:
  HiddenInput();
  ~HiddenInput();
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  termios before_{};
  bool changed_;
};

/// A new password: on a terminal asked for twice without showing it, else one line of standard input. Empty = the two
/// differ, and standard error says so.
std::optional<std::string> ask_new_password(const std::string& prompt);

}  // namespace sonde
