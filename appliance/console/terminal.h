#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace sonde {

/// The terminal went away.
struct TerminalGone : std::exception {
  const char* what() const noexcept override { return "The terminal is gone."; }
};

/// `text` with a "?" for each octet that a terminal would obey instead of showing (C0 but line ends, DEL, C1 in UTF-8):
/// what other hosts and programs say is shown too.
std::string without_controls(std::string_view text);

/// A person at a terminal: lines out, lines in. One thread. The end of input throws TerminalGone.
class Terminal {
 public:
  Terminal();
  /// A paragraph, broken at the terminal's width. Each line is indented; those after the first by `hanging` more.
  void say(std::string_view text, std::size_t indent = 2, std::size_t hanging = 0);
  /// Unbroken, with a line's end.
  void line(std::string_view text = {});
  void clear();
  /// Asks on a line of its own and reads the answer without blanks around it.
  std::string ask(const std::string& prompt);
  /// The same without showing what is typed.
  std::string ask_hidden(const std::string& prompt);
  /// "yes" or "no" until one of them is typed; Enter takes `preset`.
  bool confirm(const std::string& question, bool preset);
  /// What is typed within `limit`; none = nobody typed. A line that was begun is waited for.
  std::optional<std::string> ask_for(const std::string& prompt, Duration limit);

 private:
  std::string read_line();
  std::string left_;  ///< came beyond a line's end
  std::size_t columns_ = 78;
};

}  // namespace sonde
