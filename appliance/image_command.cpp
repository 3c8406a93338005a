#include "appliance/image_command.h"

#include <filesystem>
#include <iostream>

#include "appliance/host_slots.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde {

int describe_image(const ImageOrder& order) {
  try {
    const std::string place = order.keys.empty() ? SlotPlaces().keys : order.keys;
    const auto text = read_file(place, 64 << 10);
    if (!text) throw Error("There are no keys in " + place + ": name a file of keys with --keys.");
    const auto keys = parse_image_keys(*text);
    std::error_code error;
    const auto path = std::filesystem::canonical(order.file, error);
    if (error) throw Error("open", order.file, error.value());
    const ImageFile file(path);
    ImageJudgement judged = read_image(file.octets(), keys);
    if (judged.manifest) {
      const ImageManifest& image = *judged.manifest;
      std::cout << "Sonde " << image.version << " for " << image.architecture << ", " << image.size + kImageTrailer
                << " octets, signed with the key " << image.key << '\n'
                << std::flush;
      judged = check_content(file.octets(), image, {});
    }
    if (judged.fault == ImageFault::none) {
      std::cout << "The signature is right and every octet is what was signed.\n";
      return 0;
    }
    std::cerr << "sonde: " << judged.sentence << '\n';
    return 1;
  } catch (const Error& error) {
    std::cerr << "sonde: " << error.what() << '\n';
    return 2;
  }
}

}  // namespace sonde
