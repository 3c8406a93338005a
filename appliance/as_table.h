#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/address.h"

namespace sonde {

/// Which autonomous system announces an address, from a table that the operator gives: DATA/as.csv, a line
/// "prefix,number,name" each ("192.0.2.0/24,64500,Example Net"; the name may hold commas; # begins a comment).
class AsTable {
 public:
  static constexpr std::size_t kMostPrefixes = 2'000'000;
  static constexpr std::size_t kMostOctets = 128 << 20;

  struct System {
    std::uint32_t number = 0;
    std::string name;
    friend auto operator<=>(const System&, const System&) = default;
  };
  /// Wrong lines are left out; `complaint` says how many and shows the first. Never throws on what is in `text`.
  static AsTable parse(std::string_view text, std::string& complaint);
  /// Of the longest prefix that holds the address.
  std::optional<System> find(const IpAddress& address) const;
  std::size_t size() const { return prefixes_.size(); }

 private:
  struct Entry {
    Prefix prefix;
    std::uint32_t system = 0;  ///< index
  };
  std::vector<Entry> prefixes_;  ///< sorted
  std::vector<System> systems_;
};

}  // namespace sonde
