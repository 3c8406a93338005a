#include "core/host/shell_plan.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace sonde {

TEST_CASE("each key of the remote shell stands on a line that forwards nothing") {
  const std::vector<std::string> keys = {"ssh-ed25519 AAAA somebody", "ssh-rsa BBBB"};
  CHECK(authorized_keys_text(keys) ==
        "no-port-forwarding,no-agent-forwarding,no-X11-forwarding ssh-ed25519 AAAA somebody\n"
        "no-port-forwarding,no-agent-forwarding,no-X11-forwarding ssh-rsa BBBB\n");
  CHECK(authorized_keys_text({}).empty());
}

TEST_CASE("a key that went away is noticed, one that came is not") {
  const std::vector<std::string> one = {"ssh-ed25519 AAAA"}, both = {"ssh-ed25519 BBBB", "ssh-ed25519 AAAA"};
  CHECK(lost_a_key(authorized_keys_text(both), authorized_keys_text(one)));
  CHECK(lost_a_key(authorized_keys_text(one), ""));
  CHECK_FALSE(lost_a_key(authorized_keys_text(one), authorized_keys_text(both)));
  CHECK_FALSE(lost_a_key("", authorized_keys_text(one)));
}

TEST_CASE("a key's fingerprint is the one that ssh-keygen -l shows") {
  // 32 octets of zero; nobody holds its other half.
  const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK(key_fingerprint(key) == "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk");
  CHECK(key_fingerprint(key + " somebody else") == key_fingerprint(key));
  for (const char* none : {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 *"}) CHECK(key_fingerprint(none).empty());
}

TEST_CASE("the fingerprint of the host's key is found in what dropbearkey says") {
  CHECK(shell_fingerprint("Public key portion is:\nssh-ed25519 AAAA root@sonde\nFingerprint: SHA256:ab/cd+1\n") ==
        "SHA256:ab/cd+1");
  CHECK(shell_fingerprint("Fingerprint: SHA256:ab") == "SHA256:ab");
  CHECK(shell_fingerprint("Error reading key").empty());
}

}  // namespace sonde
