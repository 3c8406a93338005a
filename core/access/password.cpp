#include "core/access/password.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/access/secret.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

namespace sonde {
namespace {

struct Cost {
  std::uint64_t log2_n = 15, r = 8, p = 1;
};
constexpr std::uint64_t kMostMemory = 128 << 20;

std::string scrypt(std::string_view password, const Bytes& salt, const Cost& cost) {
  std::array<std::byte, 32> out{};
  const int ok = EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                                salt.size(), std::uint64_t{1} << cost.log2_n, cost.r, cost.p, kMostMemory,
                                reinterpret_cast<unsigned char*>(out.data()), out.size());
  if (ok != 1) throw Error("The password hash could not be computed: memory is short.");
  return to_hex(out);
}

std::string_view take_part(std::string_view& text) {
  const auto colon = text.find(':');
  const auto part = text.substr(0, colon);
  text = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  return part;
}

std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t most) {
  const auto part = take_part(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (error != std::errc{} || end != part.data() + part.size() || number == 0 || number > most) return std::nullopt;
  return number;
}

struct Stored {
  Cost cost;
  Bytes salt;
  std::string_view hash;  ///< hexadecimal
};

std::optional<Stored> read_stored(std::string_view stored) {
  if (take_part(stored) != "scrypt") return std::nullopt;
  const auto log2_n = take_number(stored, 16), r = take_number(stored, 8), p = take_number(stored, 4);
  Bytes salt = from_hex(take_part(stored));
  if (!log2_n || !r || !p || salt.empty()) return std::nullopt;
  return Stored{{*log2_n, *r, *p}, std::move(salt), stored};
}

bool fits(std::string_view password, std::string_view text) {
  const auto stored = read_stored(text);
  return stored && same_secret(scrypt(password, stored->salt, stored->cost), stored->hash);
}

}  // namespace

/// Holds the one place while it lives; `in` is false when the queue was full.
class PasswordTurn {
 public:
  explicit PasswordTurn(PasswordHasher& hasher) : hasher_(hasher), in(hasher.enter()) {}
  ~PasswordTurn() {
    if (in) hasher_.leave();
  }
  PasswordTurn(const PasswordTurn&) = delete;
  PasswordTurn& operator=(const PasswordTurn&) = delete;

 private:
  PasswordHasher& hasher_;

 public:
  const bool in;
};

bool PasswordHasher::enter() {
  std::unique_lock lock(mutex_);
  if (present_ > kQueue) return false;
  ++present_;
  free_.wait(lock, [&] { return !busy_; });
  return busy_ = true;
}

void PasswordHasher::leave() {
  {
    const std::lock_guard lock(mutex_);
    --present_;
    busy_ = false;
  }
  free_.notify_one();
}

std::optional<std::string> PasswordHasher::hash(std::string_view password) {
  const PasswordTurn turn(*this);
  if (!turn.in) return std::nullopt;
  const Cost cost;
  const std::string salt = random_hex(16);
  return "scrypt:" + std::to_string(cost.log2_n) + ":" + std::to_string(cost.r) + ":" + std::to_string(cost.p) + ":" +
         salt + ":" + scrypt(password, from_hex(salt), cost);
}

std::optional<bool> PasswordHasher::verify(std::string_view password, std::string_view stored) {
  const PasswordTurn turn(*this);
  if (!turn.in) return std::nullopt;
  if (!stored.empty()) return fits(password, stored);
  scrypt(password, Bytes(16), {});
  return false;
}

bool is_password_hash(std::string_view text) {
  const Cost least;
  const auto stored = text.size() <= 256 ? read_stored(text) : std::nullopt;
  return stored && stored->cost.log2_n >= least.log2_n && stored->cost.r >= least.r && stored->salt.size() >= 16 &&
         stored->hash.size() == 64 && to_hex(from_hex(stored->hash)) == stored->hash;
}

std::string check_password(std::string_view user, std::string_view password) {
  const bool utf8 = is_valid_utf8(password);
  const std::size_t size = utf8 ? count_characters(password) : 0;
  if (size < 10 || size > 200) return "password: allowed are 10 to 200 characters.";
  const auto same = [&](char c) { return c == password.front(); };
  if (password == user || std::ranges::all_of(password, same))
    return "password: allowed is neither the user's name nor one character over and over.";
  return {};
}

}  // namespace sonde
