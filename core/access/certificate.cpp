#include "core/access/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/net/address.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostOctets = 256 << 10;
constexpr auto kValid = std::chrono::hours{24} * 825;
constexpr auto kRenewBefore = std::chrono::hours{24} * 30;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

template <typename T>
T need(T one, const char* what) {
  if (!one) throw Error(std::string("OpenSSL cannot ") + what + ".");
  return one;
}

Bio memory(std::string_view text) {
  return Bio(need(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), "read PEM"));
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Key read_key(const std::filesystem::path& file) {
  const auto text = read_file(file, kMostOctets);
  return text ? Key(PEM_read_bio_PrivateKey(memory(*text).get(), nullptr, nullptr, nullptr)) : Key();
}

X509Ptr read_certificate(std::string_view pem) {
  return X509Ptr(PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr));
}

X509Ptr read_certificate_file(const std::filesystem::path& file) {
  const auto text = read_file(file, kMostOctets);
  return text ? read_certificate(*text) : X509Ptr();
}

UtcTime utc_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return utc_from_seconds(timegm(&parts));
}

/// What a certificate can hold of these names; nothing that would read as a second one.
std::vector<std::string> usable(std::vector<std::string> names) {
  std::erase_if(names, [](const std::string& name) {
    return name.empty() || !std::ranges::all_of(name, [](unsigned char c) {
             return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
           });
  });
  if (names.empty()) names.emplace_back("localhost");
  return names;
}

/// "DNS:name,IP:address": what a browser compares with its address line.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : usable(names))
    list += (list.empty() ? "" : ",") + std::string(IpAddress::parse(name) ? "IP:" : "DNS:") + name;
  return list;
}

Extension alternative_extension(const std::vector<std::string>& names) {
  return Extension(need(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_names(names).c_str()),
                        "write the node's names"));
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(all, i);
    const ASN1_STRING* value = one->type == GEN_DNS     ? one->d.dNSName
                               : one->type == GEN_IPADD ? one->d.iPAddress
                                                        : nullptr;
    if (value == nullptr) continue;
    const auto bytes =
        std::as_bytes(std::span(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))));
    if (one->type == GEN_DNS)
      names.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    else if (bytes.size() == 4)
      names.push_back(IpAddress::v4(bytes.first<4>()).text());
    else if (bytes.size() == 16)
      names.push_back(IpAddress::v6(bytes.first<16>()).text());
  }
  GENERAL_NAMES_free(all);
  return names;
}

void set_common_name(X509_NAME* subject, const std::vector<std::string>& names) {
  // At most 64 characters fit; who compares looks at the alternative names.
  const std::string name = usable(names).front().substr(0, 64);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
}

}  // namespace

Certificate::Certificate(std::filesystem::path folder, UtcTime built) : folder_(std::move(folder)), built_(built) {
  if (read_key(key_file())) return;
  const Key key(need(EVP_EC_gen("P-256"), "make a key"));
  const Bio out(need(BIO_new(BIO_s_mem()), "write PEM"));
  need(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "write the key");
  write_file_atomically(key_file(), text_of(out), 0600);
}

std::filesystem::path Certificate::certificate_file() const {
  const auto uploaded = folder_ / "web.uploaded.pem";
  return std::filesystem::exists(uploaded) ? uploaded : folder_ / "web.pem";
}

bool Certificate::renew(std::vector<std::string> names, UtcTime now) {
  const std::lock_guard lock(mutex_);
  const X509Ptr present = read_certificate_file(folder_ / "web.pem");
  auto before = present ? names_of(present.get()) : std::vector<std::string>{};
  auto wanted = usable(names);
  std::ranges::sort(before);
  std::ranges::sort(wanted);
  // A clock in the past must not make a new one each time it is right again.
  const bool ends = present && utc_of(X509_get0_notAfter(present.get())) < now + kRenewBefore;
  // One name too many hurts nobody, and a host that starts has no address yet: the fingerprint that people compared
  // must not change for that.
  if (present && !ends && std::ranges::includes(before, wanted) &&
      X509_check_private_key(present.get(), read_key(key_file()).get()) == 1)
    return false;
  make(names, now);
  return certificate_file() == folder_ / "web.pem";
}

void Certificate::make(const std::vector<std::string>& names, UtcTime now) const {
  const Key key(need(read_key(key_file()).release(), "read the node's key"));
  const X509Ptr made(need(X509_new(), "make a certificate"));
  X509_set_version(made.get(), 2);
  std::uint64_t serial = 0;
  need(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "make a serial number");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1 | 1);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), utc_seconds(built_));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), utc_seconds(std::max(now, built_) + Duration{kValid}));
  set_common_name(X509_get_subject_name(made.get()), names);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  X509_set_pubkey(made.get(), key.get());
  X509_add_ext(made.get(), alternative_extension(names).get(), -1);
  const Extension leaf(
      need(X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:FALSE"), "limit a certificate"));
  X509_add_ext(made.get(), leaf.get(), -1);
  need(X509_sign(made.get(), key.get(), EVP_sha256()) != 0, "sign a certificate");
  const Bio out(need(BIO_new(BIO_s_mem()), "write PEM"));
  need(PEM_write_bio_X509(out.get(), made.get()) == 1, "write a certificate");
  write_file_atomically(folder_ / "web.pem", text_of(out), 0600);
}

Certificate::Info Certificate::info() const {
  const std::lock_guard lock(mutex_);
  Info info;
  info.self_made = certificate_file() == folder_ / "web.pem";
  const X509Ptr present = read_certificate_file(certificate_file());
  if (!present) return info;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(present.get(), EVP_sha256(), digest.data(), &size);
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) info.fingerprint += ':';
    info.fingerprint += kDigits[digest[i] >> 4];
    info.fingerprint += kDigits[digest[i] & 15];
  }
  info.names = names_of(present.get());
  info.not_before = utc_of(X509_get0_notBefore(present.get()));
  info.not_after = utc_of(X509_get0_notAfter(present.get()));
  return info;
}

std::string Certificate::signing_request(const std::vector<std::string>& names) const {
  const std::lock_guard lock(mutex_);
  const Key key(need(read_key(key_file()).release(), "read the node's key"));
  const RequestPtr request(need(X509_REQ_new(), "make a signing request"));
  set_common_name(X509_REQ_get_subject_name(request.get()), names);
  X509_REQ_set_pubkey(request.get(), key.get());
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  const Extension alternative = alternative_extension(names);
  sk_X509_EXTENSION_push(extensions, alternative.get());
  X509_REQ_add_extensions(request.get(), extensions);
  sk_X509_EXTENSION_free(extensions);
  need(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0, "sign a request");
  const Bio out(need(BIO_new(BIO_s_mem()), "write PEM"));
  need(PEM_write_bio_X509_REQ(out.get(), request.get()) == 1, "write a signing request");
  return text_of(out);
}

std::string Certificate::use(std::string_view pem, UtcTime now) {
  const std::lock_guard lock(mutex_);
  if (pem.size() > kMostOctets) return "The file is larger than 256 KiB: a certificate with its chain is a few KiB.";
  if (pem.find("PRIVATE KEY") != std::string_view::npos)
    return "The file holds a private key: send only the certificate and its chain; the node keeps its own key.";
  const X509Ptr uploaded = read_certificate(pem);
  if (!uploaded)
    return "The file is no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\", own certificate first).";
  const Key key = read_key(key_file());
  if (X509_check_private_key(uploaded.get(), key.get()) != 1)
    return "The certificate does not belong to this node's key: have the node's own signing request signed.";
  const UtcTime end = utc_of(X509_get0_notAfter(uploaded.get()));
  if (end <= now) return "The certificate ended on " + format_utc(end, 0) + ": send one that is still good.";
  write_file_atomically(folder_ / "web.uploaded.pem", pem, 0600);
  return {};
}

void Certificate::forget_uploaded() {
  const std::lock_guard lock(mutex_);
  std::filesystem::remove(folder_ / "web.uploaded.pem");
}

}  // namespace sonde
