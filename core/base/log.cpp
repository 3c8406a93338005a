#include "core/base/log.h"

#include <unistd.h>

#include <cstdlib>

namespace sonde {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u != 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[u >> 4];
      out += kDigits[u & 15];
    }
  }
}

void append_field(std::string& out, std::string_view key, std::string_view value) {
  out += ' ';
  out += key;
  out += '=';
  const bool quote = value.empty() || value.find_first_of(" =\"") != std::string_view::npos;
  if (quote) out += '"';
  append_escaped(out, value);
  if (quote) out += '"';
}

class StderrSink final : public LogSink {
 public:
  StderrSink() : journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}
  void write(const LogLine& line) override {
    static constexpr std::string_view kPriority[] = {"<7>", "<6>", "<4>", "<3>"};
    std::string text;
    if (journal_) {
      text += kPriority[static_cast<int>(line.level)];
    } else {
      text += format_utc(line.time) + ' ' + std::string(to_string(line.level)) + ' ';
    }
    text += line.text;
    text += '\n';
    // One write a line: lines of several threads do not mix. A full or closed terminal must not stop measuring.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  }

 private:
  bool journal_;
};

UtcTime wall_time() {
  return UtcTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
}

}  // namespace

std::string_view to_string(LogLevel level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<int>(level)];
}

Log::Log(std::shared_ptr<LogSink> sink, std::string component, LogLevel least)
    : sink_(std::move(sink)), context_(), least_(least) {
  append_field(context_, "component", component);
}

Log Log::with(std::string_view key, std::string_view value) const {
  Log copy = *this;
  append_field(copy.context_, key, value);
  return copy;
}

void Log::write(LogLevel level, std::string_view sentence, Fields fields) const {
  if (!sink_ || level < least_) return;
  LogLine line{wall_time(), level, {}};
  append_escaped(line.text, sentence);
  line.text += context_;
  for (const auto& [key, value] : fields) append_field(line.text, key, value);
  sink_->write(line);
}

std::shared_ptr<LogSink> stderr_sink() { return std::make_shared<StderrSink>(); }

}  // namespace sonde
