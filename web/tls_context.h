#pragma once

#include <memory>
#include <string>

namespace sonde::web {

/// The server's side of TLS 1.2 and 1.3: one certificate that can be changed while connections are open.
class TlsContext {
 public:
  /// Both PEM; the certificate file may go on with its chain. Throws Error with a sentence.
  TlsContext(std::string certificate_file, std::string key_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// For handshakes from now on. Throws Error and keeps the old pair. From any thread.
  void reload();
  /// OpenSSL's SSL_CTX, owned here.
  void* native() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde::web
