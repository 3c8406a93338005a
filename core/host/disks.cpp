#include "core/host/disks.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

namespace sonde {
namespace {

bool is_drive(const std::string& name) {
  static constexpr std::string_view kOthers[] = {"loop", "ram", "sr", "zram", "dm-", "md", "fd"};
  return std::ranges::none_of(kOthers, [&](std::string_view other) { return name.starts_with(other); });
}

std::uint64_t octets_of(const std::string& folder) { return read_number(folder + "/size").value_or(0) * 512; }

/// Serial numbers stand at another place with each kind of drive.
std::string serial_of(const std::string& folder) {
  for (const char* place : {"/serial", "/device/serial", "/device/vpd_pg80", "/device/wwid"}) {
    std::string text = read_line(folder + place).value_or("");
    std::erase_if(text, [](unsigned char c) { return c <= ' ' || c > '~'; });
    if (!text.empty()) return text;
  }
  return {};
}

Disk read_disk(const std::string& block, const std::string& name,
               const std::function<BlockContent(const std::string&)>& content, const std::string& medium) {
  const std::string folder = block + "/" + name;
  Disk disk{.name = name, .octets = octets_of(folder)};
  disk.model = read_line(folder + "/device/model").value_or("");
  disk.serial = serial_of(folder);
  std::error_code error;
  disk.usb = std::filesystem::canonical(folder, error).string().find("/usb") != std::string::npos;
  disk.read_only = read_number(folder + "/ro").value_or(0) != 0;
  disk.booted_from = medium == name;
  disk.content = content(name);
  for (const std::string& inner : names_in(folder)) {
    if (!inner.starts_with(name) || !std::filesystem::exists(folder + "/" + inner + "/partition", error)) continue;
    disk.partitions.push_back({inner, octets_of(folder + "/" + inner), content(inner)});
    disk.booted_from |= medium == inner;
  }
  return disk;
}

std::string content_words(const BlockContent& content) {
  if (content.type.empty()) return "";
  return content.type + (content.label.empty() ? "" : " \"" + content.label + "\"");
}

std::string disk_words(const Disk& disk) {
  if (const std::string whole = content_words(disk.content); !whole.empty()) return whole;
  if (disk.partitions.empty()) return disk.content.table.empty() ? kEmptyDisk : "a partition table without partitions";
  std::string text =
      std::to_string(disk.partitions.size()) + (disk.partitions.size() == 1 ? " partition" : " partitions");
  std::string inside;
  for (const Partition& part : disk.partitions)
    if (const std::string words = content_words(part.content); !words.empty())
      inside += (inside.empty() ? ": " : ", ") + words;
  return text + inside;
}

bool is_damaged(const BlockContent& content) { return content.part_name == kDataPartName && content.type.empty(); }

/// A slot, or what an installed disk boots with.
bool is_of_system(const BlockContent& content) {
  return content.part_name.starts_with("sonde-") && content.part_name != kDataPartName;
}

bool is_ours(const BlockContent& content) { return content.label == kDataLabel && content.type == "ext4"; }

}  // namespace

std::vector<Disk> read_disks(const HostRoots& roots, const std::function<BlockContent(const std::string&)>& content,
                             const std::string& medium) {
  const std::string block = roots.sys + "/block";
  std::vector<Disk> disks;
  for (const std::string& name : names_in(block))
    if (is_drive(name) && octets_of(block + "/" + name) > 0) disks.push_back(read_disk(block, name, content, medium));
  return disks;
}

BlockContent parse_blkid(const std::string& text) {
  BlockContent content;
  const std::pair<std::string_view, std::string*> fields[] = {{"TYPE=", &content.type},
                                                              {"PTTYPE=", &content.table},
                                                              {"LABEL=", &content.label},
                                                              {"UUID=", &content.uuid},
                                                              {"PART_ENTRY_NAME=", &content.part_name}};
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    for (const auto& [name, field] : fields)
      if (line.starts_with(name)) *field = line.substr(name.size());
    at = end + 1;
  }
  return content;
}

std::vector<std::string> data_partitions(const std::vector<Disk>& disks) {
  std::vector<std::string> inside, outside;
  for (const Disk& disk : disks) {
    auto& list = disk.usb ? outside : inside;
    if (is_ours(disk.content)) list.push_back(disk.name);
    for (const Partition& part : disk.partitions)
      if (is_ours(part.content)) list.push_back(part.name);
  }
  inside.insert(inside.end(), outside.begin(), outside.end());
  return inside;
}

std::vector<std::string> damaged_data_partitions(const std::vector<Disk>& disks) {
  std::vector<std::string> names;
  for (const Disk& disk : disks)
    for (const Partition& part : disk.partitions)
      if (is_damaged(part.content)) names.push_back(part.name);
  return names;
}

std::vector<FoundDisk> places_for_data(const std::vector<Disk>& disks) {
  std::vector<FoundDisk> places;
  for (const Disk& disk : disks) {
    const std::string title = (disk.model.empty() ? "drive" : disk.model) + std::string(disk.usb ? ", USB" : "") +
                              (disk.serial.empty() ? "" : ", serial number " + disk.serial);
    if (!disk.booted_from && !disk.read_only && disk.octets >= kLeastDataOctets)
      places.push_back({disk.name, title, disk.octets, disk_words(disk), is_ours(disk.content)});
    for (const Partition& part : disk.partitions) {
      const bool ours = is_ours(part.content), damaged = is_damaged(part.content);
      if (disk.read_only || part.octets < kLeastDataOctets || is_of_system(part.content)) continue;
      if (disk.booted_from && !ours && !damaged) continue;
      const std::string words = content_words(part.content);
      places.push_back({part.name, "partition of " + disk.name, part.octets,
                        ours            ? "Sonde's data"
                        : damaged       ? "Sonde's data, damaged"
                        : words.empty() ? kEmptyDisk
                                        : words,
                        ours});
    }
  }
  return places;
}

std::string size_text(std::uint64_t octets) {
  std::array<char, 32> text{};
  const double value = static_cast<double>(octets);
  std::snprintf(text.data(), text.size(), value >= 1e12 ? "%.2f TB" : "%.1f GB", value / (value >= 1e12 ? 1e12 : 1e9));
  return text.data();
}

}  // namespace sonde
