#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace sonde::web::test {

/// A folder that is gone at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string path;
};

/// A self-made P-256 certificate and its key, in `folder`/`name`.pem and .key.
struct CertificateFiles {
  std::string certificate, key;
};
CertificateFiles make_certificate(const std::string& folder, const std::string& name, long serial);

/// One connection to a server under test. Every wait ends after 20 s at most; then the test fails by what is missing.
class Client {
 public:
  struct Tls {
    int newest = 0;  ///< a version constant of OpenSSL; 0: any
  };
  Client(const std::string& address, std::uint16_t port, const std::string& from = "");
  Client(const std::string& address, std::uint16_t port, Tls tls);
  explicit Client(const std::string& socket_path);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool handshake_done() const { return ssl_ != nullptr; }
  long certificate_serial() const;
  /// False once the server has closed.
  bool send(std::string_view text);
  void finish_sending();
  /// What comes until the server closes.
  std::string read_to_end();
  /// What comes until `end` is in it, or the server closes.
  std::string read_until(std::string_view end);
  /// Sends a GET that ends the connection and reads the answer.
  std::string get(std::string_view path, std::string_view more_headers = "");

 private:
  void connect_to(const std::string& address, std::uint16_t port, const std::string& from);
  std::size_t read_some(char* out, std::size_t size);
  int socket_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
};

/// "200" of "HTTP/1.1 200 OK..."; empty when there was no answer.
std::string status_of(std::string_view answer);
std::string body_of(std::string_view answer);

}  // namespace sonde::web::test
