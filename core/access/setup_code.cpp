#include "core/access/setup_code.h"

#include <algorithm>

#include "core/access/secret.h"
#include "core/base/random.h"

namespace sonde {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32
constexpr int kWrong = 5;
constexpr std::chrono::seconds kPause{60};

std::string normal_form(std::string_view entered) {
  std::string out;
  for (char c : entered.substr(0, 40)) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    out += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  }
  return out;
}

}  // namespace

SetupCode::SetupCode(const Clock& clock) : clock_(clock) {
  const auto random = system_random();
  for (int i = 0; i < 10; ++i) code_ += kDigits[random->below(kDigits.size())];
}

SetupCode::Answer SetupCode::check(std::string_view entered) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (now < paused_until_) return Answer::paused;
  if (same_secret(normal_form(entered), code_)) {
    wrong_ = 0;
    return Answer::right;
  }
  if (++wrong_ >= kWrong) {
    wrong_ = 0;
    paused_until_ = now + kPause;
  }
  return Answer::wrong;
}

Duration SetupCode::pause_left() const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  return now < paused_until_ ? paused_until_ - now : Duration::zero();
}

}  // namespace sonde
