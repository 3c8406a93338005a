#include "appliance/check_text.h"

#include <algorithm>

#include "core/host/host_reading.h"

namespace sonde {
namespace {

constexpr std::size_t kWidth = 80, kTitle = 34, kLabel = 11;

/// Columns that UTF-8 takes: the bytes that begin a character.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, columns(text)), ' ');
}

/// Words that a line may not part: a value stays with its unit.
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (std::string& word : words_of(text)) {
    const bool value = !pieces.empty() && pieces.back().find_first_not_of("0123456789.,") == std::string::npos &&
                       pieces.back().find_last_of(".,") != pieces.back().size() - 1;
    if (value && columns(word) < 8)
      pieces.back() += " " + word;
    else
      pieces.push_back(std::move(word));
  }
  return pieces;
}

/// The text from column `indent` on, in lines of at most kWidth; the first line begins where the cursor is.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t at = indent;
  for (const std::string& word : pieces_of(text)) {
    const std::size_t width = columns(word);
    if (at > indent && at + 1 + width > kWidth) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    }
    if (at > indent) {
      out += ' ';
      ++at;
    }
    out += word;
    at += width;
  }
  return out + "\n";
}

std::string labelled(const std::string& label, const std::string& text) {
  return text.empty() ? "" : padded("  " + label, kLabel + 2) + wrapped(text, kLabel + 2);
}

/// Commands stand alone in their lines, as they are copied.
std::string typed(const std::string& command) {
  std::string out = command.empty() ? "" : "      " + command + "\n";
  for (auto at = out.find('\n'); at != std::string::npos && at + 1 < out.size(); at = out.find('\n', at + 1))
    out.insert(at + 1, "      ");
  return out;
}

std::string told(const Finding& finding) {
  return finding.title + "\n" + labelled("is", finding.is) + labelled("should be", finding.should) +
         labelled("because", finding.why) + labelled("mend it", finding.how) + typed(finding.command) + "\n";
}

std::string heading(Finding::State state) {
  std::string words(words_of(state));
  words.front() = static_cast<char>(words.front() - 'a' + 'A');
  return words + "\n" + std::string(words.size(), '-') + "\n";
}

}  // namespace

std::string check_text(const FitnessReport& report) {
  std::string out = "Is this host fit to measure? " + summary(report.findings) + "\n";
  for (const auto state : {Finding::State::bad, Finding::State::watch, Finding::State::unknown, Finding::State::good}) {
    if (count(report.findings, state) == 0) continue;
    out += "\n" + heading(state);
    for (const Finding& finding : report.findings) {
      if (finding.state != state) continue;
      out +=
          state == Finding::State::good ? padded(finding.title, kTitle) + wrapped(finding.is, kTitle) : told(finding);
    }
    if (state != Finding::State::good) out.pop_back();
  }
  return out;
}

}  // namespace sonde
