#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace sonde {

/// Error: someone must act. Warning: a measurement is in doubt. Info: the life of sessions. Debug: packets.
enum class LogLevel { debug, info, warning, error };
std::string_view to_string(LogLevel level);

struct LogLine {
  UtcTime time{};
  LogLevel level = LogLevel::info;
  std::string text;  ///< component, sentence, key=value pairs; one line, control characters escaped
};

/// Where lines end up. Safe to call from any thread; never blocks on a network.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogLine& line) = 0;
};

/// A cheap handle with context: copy it, add context with `with`, write one line per event.
/// Secrets never go in. Safe to use from any thread.
class Log {
 public:
  using Field = std::pair<std::string_view, std::string>;
  using Fields = std::initializer_list<Field>;

  /// A Log without a sink swallows everything.
  Log() = default;
  Log(std::shared_ptr<LogSink> sink, std::string component, LogLevel least = LogLevel::info);

  Log with(std::string_view key, std::string_view value) const;
  void debug(std::string_view sentence, Fields fields = {}) const { write(LogLevel::debug, sentence, fields); }
  void info(std::string_view sentence, Fields fields = {}) const { write(LogLevel::info, sentence, fields); }
  void warning(std::string_view sentence, Fields fields = {}) const { write(LogLevel::warning, sentence, fields); }
  void error(std::string_view sentence, Fields fields = {}) const { write(LogLevel::error, sentence, fields); }

 private:
  void write(LogLevel level, std::string_view sentence, Fields fields) const;
  std::shared_ptr<LogSink> sink_;
  std::string context_;
  LogLevel least_ = LogLevel::info;
};

/// To standard error: "<3>component: sentence key=value" where journald asks for levels, else with time and level.
std::shared_ptr<LogSink> stderr_sink();

}  // namespace sonde
