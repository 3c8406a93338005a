#pragma once

#include <stdexcept>
#include <string>

namespace sonde {

/// The environment failed us: port taken, disk full, bad file. The message is a sentence for the operator.
/// Caught only at thread roots (a failed Result, a status code, exit 1).
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
  /// "cannot WHAT SUBJECT: text of errno"
  Error(const std::string& what, const std::string& subject, int errno_value);
  int errno_value() const { return errno_value_; }  ///< 0 where there is none

 private:
  int errno_value_ = 0;
};

/// The text of an errno for a person, thread-safe.
std::string errno_text(int errno_value);

}  // namespace sonde
