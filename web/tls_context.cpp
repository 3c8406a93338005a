#include "web/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <mutex>

#include "core/base/error.h"

namespace sonde::web {
namespace {

template <auto free_function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using File = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

void free_chain(STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); }
using Chain = std::unique_ptr<STACK_OF(X509), Free<free_chain>>;

/// What one handshake presents.
struct Identity {
  Certificate certificate;
  Chain chain{sk_X509_new_null()};
  Key key;
};

File open_file(const std::string& path) {
  errno = 0;
  File file(BIO_new_file(path.c_str(), "r"));
  if (!file) throw Error("read", path, errno);
  return file;
}

/// Our keys have no pass phrase: without this OpenSSL would ask the terminal for one.
int no_pass_phrase(char*, int, int, void*) { return 0; }

std::shared_ptr<const Identity> read_identity(const std::string& certificate_file, const std::string& key_file) {
  auto identity = std::make_shared<Identity>();
  const File certificates = open_file(certificate_file);
  identity->certificate.reset(PEM_read_bio_X509(certificates.get(), nullptr, no_pass_phrase, nullptr));
  if (!identity->certificate) throw Error("There is no certificate in PEM form in " + certificate_file + ".");
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, no_pass_phrase, nullptr)) {
    sk_X509_push(identity->chain.get(), next);
  }
  identity->key.reset(PEM_read_bio_PrivateKey(open_file(key_file).get(), nullptr, no_pass_phrase, nullptr));
  if (!identity->key) throw Error("There is no private key without pass phrase in PEM form in " + key_file + ".");
  const bool fits = X509_check_private_key(identity->certificate.get(), identity->key.get()) == 1;
  ERR_clear_error();
  if (!fits) throw Error("The private key in " + key_file + " is not that of the certificate in " + certificate_file);
  return identity;
}

}  // namespace

class TlsContext::Impl {
 public:
  Impl(std::string certificate_file, std::string key_file)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {
    reload();
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context_.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // CivetWeb repeats a write from where it got to, and most connections idle: they need no buffers meanwhile.
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_cb(context_.get(), present, this);
  }

  void reload() {
    auto fresh = read_identity(certificate_file_, key_file_);
    const std::lock_guard lock(mutex_);
    identity_ = std::move(fresh);
  }

  SSL_CTX* native() const { return context_.get(); }

 private:
  static int present(SSL* ssl, void* self) {
    auto* impl = static_cast<Impl*>(self);
    const auto identity = [&] {
      const std::lock_guard lock(impl->mutex_);
      return impl->identity_;
    }();
    return SSL_use_cert_and_key(ssl, identity->certificate.get(), identity->key.get(), identity->chain.get(), 1);
  }

  const std::string certificate_file_, key_file_;
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_{SSL_CTX_new(TLS_server_method())};
  std::mutex mutex_;
  std::shared_ptr<const Identity> identity_;  // guarded by mutex_
};

TlsContext::TlsContext(std::string certificate_file, std::string key_file)
    : impl_(std::make_unique<Impl>(std::move(certificate_file), std::move(key_file))) {}
TlsContext::~TlsContext() = default;
void TlsContext::reload() { impl_->reload(); }
void* TlsContext::native() const { return impl_->native(); }

}  // namespace sonde::web
