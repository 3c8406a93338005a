#include "core/host/image_file.h"

#include <catch2/catch.hpp>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "test/support/signed_image.h"

using namespace sonde;
using namespace sonde::test;

namespace {

/// Trailer and content together, as the appliance looks at a file.
ImageJudgement judge(const std::string& text, std::span<const ImageKey> keys) {
  ImageJudgement judged = read_image(octets_of(text), keys);
  if (judged.fault == ImageFault::none) judged = check_content(octets_of(text), *judged.manifest, {});
  return judged;
}

struct Fixture {
  ImageSigner signer;
  std::vector<ImageKey> keys{signer.key()};
  std::string image = signed_image({}, signer);

  /// A right signature below this manifest.
  ImageFault fault_with(const std::string& manifest) const {
    return judge(image_content({}) + image_trailer(manifest, signer), keys).fault;
  }
};

const SystemIdentity kHere{"sonde", "amd64", "0.2.0", "release", ""};

ImageFault fault(const MadeUpImage& image, bool allow_older = false, std::uint64_t room = 1 << 30) {
  const ImageManifest manifest{image.product, image.architecture, image.version, image.size, "", ""};
  return judge_upgrade(manifest, kHere, room, allow_older).fault;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a whole image that is signed with a known key is believed") {
  const ImageJudgement judged = read_image(octets_of(image), keys);
  REQUIRE(judged.sentence.empty());
  CHECK(judged.manifest->version == "0.2.0");
  CHECK(judged.manifest->size == image.size() - kImageTrailer);
  CHECK(judged.trailer == image.substr(image.size() - kImageTrailer));
  std::uint64_t last = 0;
  CHECK(check_content(octets_of(image), *judged.manifest, [&](std::uint64_t at) { last = at; }).fault ==
        ImageFault::none);
  CHECK(last == judged.manifest->size);
}

TEST_CASE_METHOD(Fixture, "either of two known keys may have signed") {
  const ImageSigner next;
  keys.push_back(next.key());
  CHECK(judge(signed_image({}, next), keys).fault == ImageFault::none);
  CHECK(judge(image, keys).fault == ImageFault::none);
}

TEST_CASE_METHOD(Fixture, "an image signed with a key that is not known here is refused, and the key is named") {
  const ImageSigner stranger;
  const auto judged = judge(signed_image({}, stranger), keys);
  CHECK(judged.fault == ImageFault::unknown_key);
  CHECK(judged.sentence.find(image_key_id(stranger.key())) != std::string::npos);
  CHECK_FALSE(judged.manifest);
}

TEST_CASE_METHOD(Fixture, "a signature by another key under the name of a known one is wrong") {
  const ImageSigner stranger;
  const std::string content = image_content({});
  const std::string manifest = image_manifest({}, content, signer.key());
  CHECK(judge(content + image_trailer(manifest, stranger), keys).fault == ImageFault::wrong_signature);
}

TEST_CASE_METHOD(Fixture, "an image without a trailer is unsigned") {
  CHECK(judge(image.substr(0, image.size() - kImageTrailer), keys).fault == ImageFault::not_signed);
  CHECK(judge(image.substr(0, image.size() - kImageTrailer) + std::string(kImageTrailer, '\0'), keys).fault ==
        ImageFault::not_signed);
}

TEST_CASE_METHOD(Fixture, "an image cut off anywhere is refused") {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{4095}, std::size_t{4097}, image.size() / 2})
    CHECK(judge(image.substr(0, image.size() - cut), keys).fault == ImageFault::truncated);
  for (const std::size_t left : {0, 1, 32768, 33000, 34815})
    CHECK(judge(image.substr(0, left), keys).fault == ImageFault::not_image);
}

TEST_CASE_METHOD(Fixture, "a file longer than what was signed is refused, a device is not") {
  const std::string longer = image + "x";
  CHECK(judge(longer, keys).fault == ImageFault::malformed);
  ImageOctets device = octets_of(longer);
  device.exact = false;
  CHECK(read_image(device, keys).fault == ImageFault::none);
}

TEST_CASE_METHOD(Fixture, "no octet of an image can be another one") {
  // All of the text of the trailer, the end of it, and samples of the rest.
  std::vector<std::size_t> places;
  for (std::size_t at = image.size() - kImageTrailer; at < image.size(); at += 3) places.push_back(at);
  for (std::size_t at = 0; at < image.size() - kImageTrailer; at += 4093) places.push_back(at);
  for (std::size_t at = 32768; at < 32768 + 7; ++at) places.push_back(at);
  for (std::size_t at = 32768 + 883; at < 32768 + 883 + 32; ++at) places.push_back(at);
  for (const std::size_t at : places) {
    std::string changed = image;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    INFO("octet " << at);
    CHECK(judge(changed, keys).fault != ImageFault::none);
  }
}

TEST_CASE_METHOD(Fixture, "a manifest that says too little or nonsense is refused even when it is signed") {
  const std::string good = image_manifest({}, image_content({}), signer.key());
  REQUIRE(fault_with(good) == ImageFault::none);
  const auto without = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return fault_with(text.replace(text.find(from), from.size(), to));
  };
  CHECK(without("product=sonde\n", "") == ImageFault::malformed);
  CHECK(without("version=0.2.0\n", "version=new\n") == ImageFault::malformed);
  CHECK(without("size=", "size=-") == ImageFault::malformed);
  CHECK(without("size=", "size=1") == ImageFault::wrong_content);
  CHECK(without("sha256=", "sha256=zz") == ImageFault::malformed);
  CHECK(without("product=sonde\n", "product=sonde\nproduct=sonde\n") == ImageFault::malformed);
  CHECK(without("product=sonde\n", "product=sonde\n=\n") == ImageFault::malformed);
  CHECK(without("product=sonde\n", "product=sonde\a\n") == ImageFault::malformed);
}

TEST_CASE_METHOD(Fixture, "lines that a later version adds to the manifest do not matter") {
  CHECK(judge(signed_image({.more = "later=yes\n"}, signer), keys).fault == ImageFault::none);
}

TEST_CASE("an image may replace what runs only where it belongs and fits, and not by an older one unless asked") {
  CHECK(fault({}) == ImageFault::none);
  CHECK(fault({.version = "0.2.1"}) == ImageFault::none);
  CHECK(fault({.version = "0.2.0+development"}) == ImageFault::none);
  CHECK(fault({.product = "other"}) == ImageFault::other_product);
  CHECK(fault({.architecture = "arm64"}) == ImageFault::other_architecture);
  CHECK(fault({.version = "0.1.9"}) == ImageFault::older);
  CHECK(fault({.version = "0.1.9"}, true) == ImageFault::none);
  CHECK(fault({.size = 100000}, false, 100000 + kImageTrailer) == ImageFault::none);
  CHECK(fault({.size = 100000}, false, 100000 + kImageTrailer - 1) == ImageFault::too_large);
}

TEST_CASE("versions are compared number by number, and what follows a plus does not count") {
  CHECK(compare_versions("0.10.0", "0.9.9") == std::strong_ordering::greater);
  CHECK(compare_versions("1", "1.0.0") == std::strong_ordering::equal);
  CHECK(compare_versions("0.1.0+development", "0.1.0") == std::strong_ordering::equal);
  CHECK(compare_versions("0.1.0", "0.1.0.1") == std::strong_ordering::less);
  for (const char* none : {"", ".", "1.", "1..2", "v1", "1.2.3.4.5", "1.2-3", "-1", "99999999999999999999", "+x"})
    CHECK_FALSE(compare_versions(none, "1"));
}

TEST_CASE("a file of keys has one a line, and a line that is none is told") {
  const std::string one(64, 'a'), two(64, '0');
  CHECK(parse_image_keys("# of 2026\n" + one + "\n\n" + two).size() == 2);
  CHECK(parse_image_keys("").empty());
  CHECK_THROWS_AS(parse_image_keys(one + "a\n"), Error);
  CHECK_THROWS_AS(parse_image_keys("-----BEGIN PUBLIC KEY-----\n"), Error);
}

TEST_CASE("what a system is stands in its file of lines") {
  const SystemIdentity identity = parse_system_identity("product=sonde\nversion=0.1.0+development\nkind=development\n");
  CHECK(identity.product == "sonde");
  CHECK(identity.kind == "development");
  CHECK(identity.architecture.empty());
  CHECK(parse_system_identity("nonsense").product.empty());
}
