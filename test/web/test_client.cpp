#include "test/web/test_client.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace sonde::web::test {
namespace {

std::string made_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sonde-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

template <typename T>
const sockaddr* as_sockaddr(const T& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path(made_folder()) {}
TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path); }

CertificateFiles make_certificate(const std::string& folder, const std::string& name, long serial) {
  const CertificateFiles files{folder + "/" + name + ".pem", folder + "/" + name + ".key"};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

Client::Client(const std::string& address, std::uint16_t port, const std::string& from) {
  connect_to(address, port, from);
}

Client::Client(const std::string& address, std::uint16_t port, Tls tls) {
  connect_to(address, port, "");
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  if (tls.newest != 0) SSL_CTX_set_max_proto_version(context_, tls.newest);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, socket_);
  if (SSL_connect(ssl_) == 1) return;
  SSL_free(ssl_);
  ssl_ = nullptr;
}

Client::Client(const std::string& socket_path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  if (::connect(socket_, as_sockaddr(address), sizeof address) != 0) throw std::runtime_error("cannot connect");
}

Client::~Client() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  ::close(socket_);
}

void Client::connect_to(const std::string& address, std::uint16_t port, const std::string& from) {
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  const bool is_v6 = inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  if (!is_v6) inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  socket_ = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!from.empty()) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, from.c_str(), &own.sin_addr);
    ::bind(socket_, as_sockaddr(own), sizeof own);
  }
  const int failed =
      is_v6 ? ::connect(socket_, as_sockaddr(v6), sizeof v6) : ::connect(socket_, as_sockaddr(v4), sizeof v4);
  if (failed != 0) throw std::runtime_error("cannot connect to " + address);
}

long Client::certificate_serial() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  const long serial = ASN1_INTEGER_get(X509_get_serialNumber(certificate));
  X509_free(certificate);
  return serial;
}

bool Client::send(std::string_view text) {
  while (!text.empty()) {
    const auto n = ssl_ != nullptr ? SSL_write(ssl_, text.data(), static_cast<int>(text.size()))
                                   : ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void Client::finish_sending() { ::shutdown(socket_, SHUT_WR); }

std::size_t Client::read_some(char* out, std::size_t size) {
  const auto n = ssl_ != nullptr ? SSL_read(ssl_, out, static_cast<int>(size)) : ::recv(socket_, out, size, 0);
  return n <= 0 ? 0 : static_cast<std::size_t>(n);
}

std::string Client::read_to_end() {
  std::string all;
  std::array<char, 16384> piece;
  while (const std::size_t n = read_some(piece.data(), piece.size())) all.append(piece.data(), n);
  return all;
}

std::string Client::read_until(std::string_view end) {
  std::string all;
  char c;
  while (all.find(end) == std::string::npos && read_some(&c, 1) == 1) all += c;
  return all;
}

std::string Client::get(std::string_view path, std::string_view more_headers) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more_headers) +
       "Connection: close\r\n\r\n");
  return read_to_end();
}

std::string status_of(std::string_view answer) {
  return std::string(answer.starts_with("HTTP/1.1 ") ? answer.substr(9, 3) : "");
}

std::string body_of(std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

}  // namespace sonde::web::test
