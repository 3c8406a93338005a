#include "core/access/password.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("a hash is known as one, and a cheaper or torn one is none") {
  const std::string good = PasswordHasher().hash("made of a few words").value();
  CHECK(is_password_hash(good));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), std::string("scrypt"), std::string("made of a few words"), good + "0", good.substr(0, 100),
        changed("scrypt", "bcrypt"), changed("15:8", "10:8"), changed("15:8", "15:1"), changed("15:8", "99:8"),
        "scrypt:15:8:1:00:" + good.substr(good.rfind(':') + 1), good + std::string(300, '0')})
    CHECK_FALSE(is_password_hash(bad));
}
