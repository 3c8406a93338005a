#include "appliance/console/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "appliance/password_prompt.h"

namespace sonde {
namespace {

constexpr std::size_t kMostLine = 16 << 10;

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string shown(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto octet = static_cast<unsigned char>(shown[i]);
    if ((octet < 0x20 && octet != '\n') || octet == 0x7f) shown[i] = '?';
    if (octet == 0xc2 && i + 1 < shown.size() && static_cast<unsigned char>(shown[i + 1]) < 0xa0)
      shown[i] = shown[i + 1] = '?';
  }
  return shown;
}

Terminal::Terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    columns_ = std::min<std::size_t>(size.ws_col - 2, 100);
}

void Terminal::say(std::string_view paragraph, std::size_t indent, std::size_t hanging) {
  const std::string shown = without_controls(paragraph);
  std::string_view text = shown;
  std::string margin(indent, ' ');
  while (!text.empty()) {
    const std::size_t room = columns_ - margin.size();
    std::size_t end = std::min(room, text.size());
    if (end < text.size()) {
      const auto blank = text.substr(0, end + 1).rfind(' ');
      if (blank != std::string_view::npos && blank > 0) end = blank;
    }
    std::cout << margin << text.substr(0, end) << '\n';
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    margin.resize(indent + hanging, ' ');
  }
  std::cout << std::flush;
}

void Terminal::line(std::string_view text) { std::cout << without_controls(text) << std::endl; }

void Terminal::clear() { std::cout << "\033[2J\033[H" << std::flush; }

std::string Terminal::read_line() {
  for (;;) {
    const auto end = left_.find('\n');
    if (end != std::string::npos) {
      const std::string text = left_.substr(0, end);
      left_.erase(0, end + 1);
      return trimmed(text);
    }
    std::array<char, 1024> block{};
    const ssize_t n = ::read(STDIN_FILENO, block.data(), block.size());
    if (n <= 0) throw TerminalGone();
    left_.append(block.data(), static_cast<std::size_t>(n));
    if (left_.size() > kMostLine) left_.clear();
  }
}

std::string Terminal::ask(const std::string& prompt) {
  std::cout << prompt << std::flush;
  return read_line();
}

std::string Terminal::ask_hidden(const std::string& prompt) {
  std::cout << prompt << std::flush;
  std::string text;
  {
    const HiddenInput hidden;
    text = read_line();
  }
  line();
  return text;
}

bool Terminal::confirm(const std::string& question, bool preset) {
  for (;;) {
    const std::string answer = ask(question + (preset ? " [yes]: " : " [no]: "));
    if (answer.empty()) return preset;
    if (answer == "yes" || answer == "y") return true;
    if (answer == "no" || answer == "n") return false;
    say("Please type yes or no.");
  }
}

std::optional<std::string> Terminal::ask_for(const std::string& prompt, Duration limit) {
  std::cout << prompt << std::flush;
  if (left_.find('\n') == std::string::npos) {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    if (::poll(&ready, 1, static_cast<int>(ms)) == 0) return std::nullopt;
  }
  return read_line();
}

}  // namespace sonde
