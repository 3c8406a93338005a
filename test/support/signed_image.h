#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/host/image_file.h"

namespace sonde::test {

/// A key pair that lives as long as the test.
class ImageSigner {
 public:
  ImageSigner();
  ~ImageSigner();
  ImageSigner(const ImageSigner&) = delete;
  ImageSigner& operator=(const ImageSigner&) = delete;
  ImageKey key() const;
  std::string sign(const std::string& text) const;  ///< hexadecimal

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct MadeUpImage {
  std::string product = "sonde", architecture = "amd64", version = "0.2.0";
  std::size_t size = 256 << 10;  ///< octets before the trailer
  std::string more;              ///< further lines of the manifest
  char filling = 'x';
};

/// The part before the trailer: a volume descriptor with our mark among octets that mean nothing.
std::string image_content(const MadeUpImage& image);
std::string image_manifest(const MadeUpImage& image, const std::string& content, const ImageKey& key);
/// The trailer with these lines and a signature of them.
std::string image_trailer(const std::string& manifest, const ImageSigner& signer);
std::string signed_image(const MadeUpImage& image, const ImageSigner& signer);

/// The octets as they would be read from a file. `text` must outlive it.
ImageOctets octets_of(const std::string& text);

}  // namespace sonde::test
