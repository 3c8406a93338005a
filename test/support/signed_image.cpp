#include "test/support/signed_image.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/base/bytes.h"
#include "core/base/digest.h"

namespace sonde::test {
namespace {

void need(bool done) {
  if (!done) throw std::runtime_error("OpenSSL did not do what the test needs");
}

std::string sum_of(const std::string& text) {
  Digest sum;
  sum.add(text);
  return sum.hex();
}

}  // namespace

struct ImageSigner::Impl {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  ~Impl() { EVP_PKEY_free(key); }
};

ImageSigner::ImageSigner() : impl_(std::make_unique<Impl>()) { need(impl_->key != nullptr); }
ImageSigner::~ImageSigner() = default;

ImageKey ImageSigner::key() const {
  ImageKey key{};
  std::size_t size = key.size();
  need(EVP_PKEY_get_raw_public_key(impl_->key, reinterpret_cast<unsigned char*>(key.data()), &size) == 1);
  return key;
}

std::string ImageSigner::sign(const std::string& text) const {
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  need(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, impl_->key) == 1);
  need(EVP_DigestSign(context.get(), signature.data(), &size, reinterpret_cast<const unsigned char*>(text.data()),
                      text.size()) == 1);
  return to_hex(std::as_bytes(std::span(signature)));
}

std::string image_content(const MadeUpImage& image) {
  std::string content(image.size, image.filling);
  // As xorriso writes it: the primary volume descriptor, with zeros where applications may write.
  std::string descriptor(2048, '\0');
  descriptor.replace(0, 6, "\1CD001");
  const std::string mark = "SONDE-IMAGE 1\nsize=" + std::to_string(image.size) + "\n";
  descriptor.replace(883, mark.size(), mark);
  return content.replace(32768, descriptor.size(), descriptor);
}

std::string image_manifest(const MadeUpImage& image, const std::string& content, const ImageKey& key) {
  return "product=" + image.product + "\narchitecture=" + image.architecture + "\nversion=" + image.version +
         "\nsize=" + std::to_string(content.size()) + "\nsha256=" + sum_of(content) + "\nkey=" + image_key_id(key) +
         "\n" + image.more;
}

std::string image_trailer(const std::string& manifest, const ImageSigner& signer) {
  std::string trailer = "SONDE-SIGNATURE\n" + manifest + "signature=" + signer.sign(manifest) + "\n";
  trailer.resize(kImageTrailer);
  return trailer;
}

std::string signed_image(const MadeUpImage& image, const ImageSigner& signer) {
  const std::string content = image_content(image);
  return content + image_trailer(image_manifest(image, content, signer.key()), signer);
}

ImageOctets octets_of(const std::string& text) {
  return {[&text](std::uint64_t offset, std::span<char> into) {
            if (offset >= text.size()) return std::size_t{0};
            return text.copy(into.data(), into.size(), offset);
          },
          text.size()};
}

}  // namespace sonde::test
