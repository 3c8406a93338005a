#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/host_rules.h"
#include "core/net/host_address.h"

namespace sonde {

/// One network interface that the host has; loopback is none.
struct FoundInterface {
  std::string name;              ///< "eth0"
  std::string hardware_address;  ///< "52:54:00:12:34:56"
  std::string driver;            ///< "virtio_net"; empty = not known
  bool link = false;
  std::vector<HostAddress> addresses;  ///< that it has now
};

/// What FoundDisk tells of one that holds nothing.
inline constexpr char kEmptyDisk[] = "empty";

/// One place where data may be kept.
struct FoundDisk {
  std::string name;          ///< "sda": the answer
  std::string title;         ///< "Samsung SSD 870, USB"; empty = not known
  std::uint64_t octets = 0;  ///< size
  std::string content;       ///< for people: kEmptyDisk, "Sonde's data", "1 partition: ntfs \"C\""
  bool ours = false;         ///< carries this product's data already: nothing is lost by choosing it
  std::string serial{};      ///< of a whole drive; empty = it has none
};

/// What the host knows of itself before anybody answered anything. A plain value.
struct SetupFacts {
  bool appliance = false;  ///< the machine is ours to set: its network, time and disks are asked for
  std::vector<FoundInterface> interfaces;
  std::vector<FoundDisk> disks;
  std::string host_name;
  std::string zone = "UTC";
  std::vector<Prefix> networks;  ///< on-link, without link-local ones
  std::vector<IpAddress> dhcp_name_servers;
  std::vector<std::string> dhcp_time_servers;
  std::string zones = kZoneFolder;
};

/// The answer that keeps data in memory only.
inline constexpr const char* kInMemory = "memory";

}  // namespace sonde
