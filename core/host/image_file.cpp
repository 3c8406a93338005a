#include "core/host/image_file.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/base/error.h"

namespace sonde {
namespace {

constexpr std::uint64_t kDescriptor = 32768, kDescriptorOctets = 2048, kMark = 883, kMarkOctets = 512;
constexpr std::uint64_t kMost = std::uint64_t{64} << 30;
constexpr std::string_view kMagic = "SONDE-SIGNATURE\n", kSignature = "signature=";

using Lines = std::map<std::string, std::string, std::less<>>;

/// Lines NAME=VALUE of printable ASCII, no name twice.
std::optional<Lines> parse_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
    if (!std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) return std::nullopt;
    if (!lines.emplace(line.substr(0, equals), line.substr(equals + 1)).second) return std::nullopt;
  }
  return lines;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string read_exactly(const ImageOctets& octets, std::uint64_t offset, std::uint64_t length) {
  if (offset > octets.length || length > octets.length - offset) return {};
  std::string text(length, '\0');
  if (octets.read(offset, text) != length) return {};
  return text;
}

ImageJudgement refuse(ImageFault fault, std::string sentence) { return {fault, std::move(sentence), {}, {}}; }

/// The length that the medium tells of itself in its volume descriptor.
std::optional<std::uint64_t> told_size(const ImageOctets& octets) {
  const std::string descriptor = read_exactly(octets, kDescriptor, kDescriptorOctets);
  if (descriptor.size() != kDescriptorOctets || descriptor.compare(0, 6, "\1CD001") != 0) return std::nullopt;
  std::string_view mark = std::string_view(descriptor).substr(kMark, kMarkOctets);
  static constexpr std::string_view kBegin = "SONDE-IMAGE 1\nsize=";
  if (!mark.starts_with(kBegin)) return std::nullopt;
  mark.remove_prefix(kBegin.size());
  const auto size = parse_number(mark.substr(0, mark.find('\n')));
  if (!size || *size < kDescriptor + kDescriptorOctets || *size > kMost) return std::nullopt;
  return size;
}

struct Trailer {
  std::string manifest;
  Bytes signature;
};

std::optional<Trailer> split_trailer(std::string_view text) {
  if (!text.starts_with(kMagic)) return std::nullopt;
  const auto end = text.find('\0');
  if (end != std::string_view::npos) {
    if (text.find_first_not_of('\0', end) != std::string_view::npos) return std::nullopt;
    text = text.substr(0, end);
  }
  text.remove_prefix(kMagic.size());
  const auto at = text.rfind("\n" + std::string(kSignature));
  if (at == std::string_view::npos) return std::nullopt;
  Trailer trailer{.manifest = std::string(text.substr(0, at + 1))};
  std::string_view signature = text.substr(at + 1 + kSignature.size());
  if (!signature.ends_with('\n')) return std::nullopt;
  signature.remove_suffix(1);
  if (!is_hex(signature, 128)) return std::nullopt;
  trailer.signature = from_hex(signature);
  return trailer;
}

std::optional<ImageManifest> parse_manifest(std::string_view text) {
  const auto lines = parse_lines(text);
  if (!lines) return std::nullopt;
  const auto get = [&](std::string_view name) {
    const auto found = lines->find(name);
    return found == lines->end() ? std::string() : found->second;
  };
  ImageManifest manifest{get("product"), get("architecture"), get("version"), 0, get("sha256"), get("key")};
  const auto size = parse_number(get("size"));
  if (!size || manifest.product.empty() || manifest.architecture.empty() || !is_hex(manifest.sha256, 64) ||
      !is_hex(manifest.key, 16) || !compare_versions(manifest.version, manifest.version))
    return std::nullopt;
  manifest.size = *size;
  return manifest;
}

bool is_signed_by(const ImageKey& key, std::string_view text, const Bytes& signature) {
  const auto raw = [](const std::byte* at) { return reinterpret_cast<const unsigned char*>(at); };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key.data()), key.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!public_key || !context) return false;
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

/// "0.2.0+development" → {0, 2, 0, 0}
std::optional<std::array<std::uint64_t, 4>> parse_version(std::string_view text) {
  if (const auto plus = text.find('+'); plus != std::string_view::npos) text = text.substr(0, plus);
  std::array<std::uint64_t, 4> numbers{};
  for (std::uint64_t& number : numbers) {
    const auto dot = text.find('.');
    const auto parsed = parse_number(text.substr(0, dot));
    if (!parsed) return std::nullopt;
    number = *parsed;
    if (dot == std::string_view::npos) return numbers;
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 64)) + "\""; }

}  // namespace

std::vector<ImageKey> parse_image_keys(std::string_view text) {
  std::vector<ImageKey> keys;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (!is_hex(line, 64))
      throw Error("A key of images is 64 hexadecimal digits in a line of its own, and " + quoted(line) + " is not.");
    const Bytes octets = from_hex(line);
    std::ranges::copy(octets, keys.emplace_back().begin());
  }
  return keys;
}

std::string image_key_id(const ImageKey& key) {
  Digest sum;
  sum.add({reinterpret_cast<const char*>(key.data()), key.size()});
  return sum.hex().substr(0, 16);
}

SystemIdentity parse_system_identity(std::string_view text) {
  auto lines = parse_lines(text).value_or(Lines());
  return {lines["product"], lines["architecture"], lines["version"], lines["kind"], lines["built"]};
}

ImageJudgement read_image(const ImageOctets& octets, std::span<const ImageKey> keys) {
  const auto size = told_size(octets);
  if (!size) return refuse(ImageFault::not_image, "This is no image of Sonde: the mark of one is not in it.");
  const std::uint64_t whole = *size + kImageTrailer;
  if (octets.length == *size)
    return refuse(ImageFault::not_signed, "The image carries no signature: nobody vouches for it.");
  if (octets.length < whole)
    return refuse(ImageFault::truncated, "The image is cut off: " + std::to_string(octets.length) + " of its " +
                                             std::to_string(whole) + " octets are here. Fetch it again.");
  if (octets.exact && octets.length > whole)
    return refuse(ImageFault::malformed,
                  "The image has " + std::to_string(octets.length - whole) + " octets more than were signed.");
  std::string text = read_exactly(octets, *size, kImageTrailer);
  if (!text.starts_with(kMagic))
    return refuse(ImageFault::not_signed, "The image carries no signature: nobody vouches for it.");
  const auto trailer = split_trailer(text);
  const auto manifest = trailer ? parse_manifest(trailer->manifest) : std::nullopt;
  if (!manifest) return refuse(ImageFault::malformed, "What the image says of itself cannot be read.");
  const auto key = std::ranges::find(keys, manifest->key, image_key_id);
  if (key == keys.end())
    return refuse(ImageFault::unknown_key,
                  "The image is signed with the key " + manifest->key + ", which this system does not know.");
  if (!is_signed_by(*key, trailer->manifest, trailer->signature))
    return refuse(
        ImageFault::wrong_signature,
        "The signature of the image is wrong: it was not made with the key it names, or it was changed since.");
  if (manifest->size != *size)
    return refuse(ImageFault::wrong_content, "The image is " + std::to_string(*size) + " octets long, but " +
                                                 std::to_string(manifest->size) + " were signed.");
  return {ImageFault::none, "", manifest, std::move(text)};
}

ImageJudgement check_content(const ImageOctets& octets, const ImageManifest& manifest,
                             const std::function<void(std::uint64_t)>& tell) {
  Digest sum;
  std::vector<char> piece(1 << 20);
  for (std::uint64_t at = 0; at < manifest.size;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), manifest.size - at));
    if (octets.read(at, std::span(piece).first(want)) != want)
      return refuse(ImageFault::truncated, "The image ends before all that was signed has been read.");
    sum.add(std::span(piece).first(want));
    at += want;
    if (tell) tell(at);
  }
  if (sum.hex() != manifest.sha256)
    return refuse(ImageFault::wrong_content,
                  "The content of the image is not what was signed: it is damaged or was changed.");
  return {ImageFault::none, "", manifest, {}};
}

ImageJudgement judge_upgrade(const ImageManifest& manifest, const SystemIdentity& here, std::uint64_t slot_octets,
                             bool allow_older) {
  if (manifest.product != here.product)
    return refuse(ImageFault::other_product,
                  "The image is of " + quoted(manifest.product) + ", not of " + quoted(here.product) + ".");
  if (manifest.architecture != here.architecture)
    return refuse(ImageFault::other_architecture, "The image is for machines of the kind " +
                                                      quoted(manifest.architecture) + "; this one is " +
                                                      quoted(here.architecture) + ".");
  if (manifest.size + kImageTrailer > slot_octets)
    return refuse(ImageFault::too_large, "The image does not fit: it has " +
                                             std::to_string(manifest.size + kImageTrailer) +
                                             " octets, and the place for it " + std::to_string(slot_octets) + ".");
  const auto order = compare_versions(manifest.version, here.version);
  if (!allow_older && (!order || *order < 0))
    return refuse(ImageFault::older, "The image is version " + manifest.version + ", older than " + here.version +
                                         ", which runs. Going back must be asked for as such.");
  return {ImageFault::none, "", manifest, {}};
}

std::optional<std::strong_ordering> compare_versions(std::string_view left, std::string_view right) {
  const auto first = parse_version(left), second = parse_version(right);
  if (!first || !second) return std::nullopt;
  return *first <=> *second;
}

}  // namespace sonde
