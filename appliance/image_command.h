#pragma once

#include <string>

namespace sonde {

struct ImageOrder {
  std::string file;
  std::string keys;  ///< file of the keys to check with; empty = those of the system that runs
};

/// Tells what an image is and whether it is to be trusted. 0: signed with one of the keys, and whole. 1: refused, with
/// the reason on standard error. 2: it could not be looked at (no file, no keys).
int describe_image(const ImageOrder& order);

}  // namespace sonde
