#include "core/access/certificate.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/base/files.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

const UtcTime kBuilt = utc_from_seconds(1'790'000'000);
const std::vector<std::string> kNames = {"node.example.org", "192.0.2.7", "2001:db8::7"};

std::string text(const std::filesystem::path& file) { return read_file(file, 1 << 20).value_or(""); }

}  // namespace

TEST_CASE("a certificate is made once, with the node's names, valid since the program was built") {
  const test::TemporaryFolder folder;
  Certificate certificate(folder.path(), kBuilt);
  CHECK(certificate.renew(kNames, kBuilt + 1h));
  CHECK_FALSE(certificate.renew(kNames, kBuilt + 2h));
  const auto info = certificate.info();
  CHECK(info.names == kNames);
  CHECK(info.not_before == kBuilt);
  CHECK(info.self_made);
  CHECK(info.fingerprint.size() == 32 * 3 - 1);
  struct stat key {};
  REQUIRE(stat(certificate.key_file().c_str(), &key) == 0);
  CHECK((key.st_mode & 0777) == 0600);
}

TEST_CASE("changed names or a near end make a new certificate for the same key") {
  const test::TemporaryFolder folder;
  Certificate certificate(folder.path(), kBuilt);
  certificate.renew(kNames, kBuilt);
  const std::string key = text(certificate.key_file()), first = certificate.info().fingerprint;
  CHECK(certificate.renew({"other.example.org"}, kBuilt));
  CHECK(certificate.info().fingerprint != first);
  CHECK(certificate.info().names == std::vector<std::string>{"other.example.org"});
  const UtcTime near_end = certificate.info().not_after - 29 * 24h;
  CHECK(certificate.renew({"other.example.org"}, near_end));
  CHECK(text(certificate.key_file()) == key);
}

TEST_CASE("a host that has no address yet keeps the certificate that people compared") {
  const test::TemporaryFolder folder;
  Certificate certificate(folder.path(), kBuilt);
  certificate.renew({"sonde.example.org", "192.0.2.7"}, kBuilt);
  const std::string first = certificate.info().fingerprint;
  CHECK_FALSE(certificate.renew({"sonde.example.org"}, kBuilt));
  CHECK_FALSE(certificate.renew({"192.0.2.7", "sonde.example.org"}, kBuilt));
  CHECK(certificate.info().fingerprint == first);
}

TEST_CASE("a clock in 1970 makes a certificate that is good once the clock is right") {
  const test::TemporaryFolder folder;
  Certificate certificate(folder.path(), kBuilt);
  certificate.renew(kNames, utc_from_seconds(100));
  CHECK(certificate.info().not_before == kBuilt);
  CHECK(certificate.info().not_after > kBuilt + 30 * 24h);
  CHECK_FALSE(certificate.renew(kNames, kBuilt + 24h));
}

TEST_CASE("an uploaded certificate must be one, of the node's key, still good and without a private key") {
  const test::TemporaryFolder folder, elsewhere;
  Certificate certificate(folder.path(), kBuilt), stranger(elsewhere.path(), kBuilt);
  certificate.renew(kNames, kBuilt);
  stranger.renew(kNames, kBuilt);
  const std::string own = text(certificate.certificate_file());
  CHECK_FALSE(certificate.use("nonsense", kBuilt).empty());
  CHECK_FALSE(certificate.use(text(stranger.certificate_file()), kBuilt).empty());
  CHECK_FALSE(certificate.use(own + text(certificate.key_file()), kBuilt).empty());
  CHECK_FALSE(certificate.use(own, kBuilt + 20 * 365 * 24h).empty());
  CHECK_FALSE(certificate.use(std::string(300'000, 'x'), kBuilt).empty());
  CHECK(certificate.info().self_made);
  CHECK(certificate.use(own, kBuilt).empty());
  CHECK_FALSE(certificate.info().self_made);
  certificate.forget_uploaded();
  CHECK(certificate.info().self_made);
}

TEST_CASE("a signing request is one for the node's key") {
  const test::TemporaryFolder folder;
  const Certificate certificate(folder.path(), kBuilt);
  CHECK(certificate.signing_request(kNames).starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
}

TEST_CASE("names that no certificate can hold are left out") {
  const test::TemporaryFolder folder;
  Certificate certificate(folder.path(), kBuilt);
  const std::vector<std::string> names = {"bad name", "a,DNS:evil.example", "ok.example.org"};
  certificate.renew(names, kBuilt);
  CHECK_FALSE(certificate.renew(names, kBuilt));
  CHECK(certificate.info().names == std::vector<std::string>{"ok.example.org"});
}
