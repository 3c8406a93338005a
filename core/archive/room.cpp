#include "core/archive/room.h"

#include "core/archive/disk.h"

namespace sonde {

Room::Room(Options options) : options_(std::move(options)), limit_(options_.limit_octets) {
  measure();
  refusal();
}

void Room::measure() { used_ = used_octets(options_.directory); }

std::uint64_t Room::limit() const { return limit_ != 0 ? limit_.load() : used_ + free_ / 10 * 9; }

std::string Room::refusal() {
  free_ = options_.free_octets ? options_.free_octets() : free_octets(options_.directory);
  const auto mebibytes = [](std::uint64_t octets) { return std::to_string(octets >> 20) + " MiB"; };
  if (free_ < options_.floor_octets)
    return "the disk of " + options_.directory.string() + " has only " + mebibytes(free_) + " left, and " +
           mebibytes(options_.floor_octets) + " must stay free";
  if (limit_ != 0 && used_ > limit_)
    return "the archive has reached its limit of " + mebibytes(limit_) + " (it takes " + mebibytes(used_) + ")";
  return {};
}

}  // namespace sonde
