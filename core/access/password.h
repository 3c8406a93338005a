#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

/// scrypt (RFC 7914), one at a time because each takes 32 MiB; four more may wait. Safe to call from any thread.
class PasswordHasher {
 public:
  /// "scrypt:LOG2N:R:P:SALT:HASH" in hexadecimal; empty = too many wait.
  std::optional<std::string> hash(std::string_view password);
  /// Empty = too many wait. A stored text that is not such a hash fits no password. With an empty one the same time is
  /// spent, so that an unknown user cannot be told from a wrong password.
  std::optional<bool> verify(std::string_view password, std::string_view stored);

  static constexpr std::size_t kQueue = 4;

 private:
  bool enter();
  void leave();
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t present_ = 0;  ///< working and waiting ones
  bool busy_ = false;
  friend class PasswordTurn;
};

/// Empty when `password` may be used, else a sentence: 10 to 200 characters, not the user's name, not one character
/// over and over.
std::string check_password(std::string_view user, std::string_view password);

/// True when `text` is a hash as PasswordHasher makes it, none that is cheaper to guess.
bool is_password_hash(std::string_view text);

}  // namespace sonde
