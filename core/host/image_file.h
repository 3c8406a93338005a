#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sonde {

// A signed image is the medium itself with a trailer of 4,096 octets behind it:
//
//   0                32768+883                         size          size+4096
//   | ISO 9660 ...   | "SONDE-IMAGE 1\nsize=N\n" ...   | trailer     |
//
// The trailer is text, filled up with zeros: "SONDE-SIGNATURE\n", the manifest (lines NAME=VALUE: product,
// architecture, version, size, sha256 of all octets before the trailer, key), and "signature=" with Ed25519 over the
// manifest's octets in hexadecimal digits. Further lines of the manifest are signed like the others and not looked at.

inline constexpr std::uint64_t kImageTrailer = 4096;

/// What an image says of itself.
struct ImageManifest {
  std::string product, architecture, version;
  std::uint64_t size = 0;  ///< octets before the trailer
  std::string sha256;      ///< of them, hexadecimal
  std::string key;         ///< which key signed: the first 16 hexadecimal digits of its SHA-256
};

/// A public Ed25519 key whose signatures are believed.
using ImageKey = std::array<std::byte, 32>;
/// One key a line, 64 hexadecimal digits; empty lines and those that begin with # are nothing. Throws Error.
std::vector<ImageKey> parse_image_keys(std::string_view text);
std::string image_key_id(const ImageKey& key);

/// What the system that runs here is, as its own /etc/sonde/image says.
struct SystemIdentity {
  std::string product, architecture, version, kind, built;
};
/// Lines NAME=VALUE; what is not there stays empty.
SystemIdentity parse_system_identity(std::string_view text);

/// Octets of a file or a device; `read` fills `into` from `offset` on and gives fewer octets only at the end.
struct ImageOctets {
  std::function<std::size_t(std::uint64_t offset, std::span<char> into)> read;
  std::uint64_t length = 0;
  bool exact = true;  ///< false for a device, which may be longer than the image on it
};

enum class ImageFault : std::uint8_t {
  none,
  not_image,
  truncated,
  not_signed,
  malformed,
  unknown_key,
  wrong_signature,
  wrong_content,
  other_product,
  other_architecture,
  older,
  too_large,
};

struct ImageJudgement {
  ImageFault fault = ImageFault::none;
  std::string sentence;                   ///< why it is refused; empty when it is not
  std::optional<ImageManifest> manifest;  ///< only once its signature was found right
  std::string trailer;                    ///< the octets of it, with the manifest
};

/// Length, trailer and signature; the content is not read yet. Never throws for what the octets say.
ImageJudgement read_image(const ImageOctets& octets, std::span<const ImageKey> keys);

/// Whether the octets are those that were signed: reads them all. `tell` (may be empty) hears how many were read.
ImageJudgement check_content(const ImageOctets& octets, const ImageManifest& manifest,
                             const std::function<void(std::uint64_t)>& tell);

/// Whether it may replace the system that runs: same product and architecture, not older unless allowed, fits.
ImageJudgement judge_upgrade(const ImageManifest& manifest, const SystemIdentity& here, std::uint64_t slot_octets,
                             bool allow_older);

/// Numbers between dots are compared from the left, a missing one is 0, and what follows "+" does not count: 0.2 equals
/// 0.2.0+development. Empty when one of both is no such version.
std::optional<std::strong_ordering> compare_versions(std::string_view left, std::string_view right);

}  // namespace sonde
