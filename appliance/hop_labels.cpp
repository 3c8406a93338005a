#include "appliance/hop_labels.h"

#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <sstream>

#include "core/base/error.h"
#include "core/base/files.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostNames = 4096;
constexpr Duration kKept = 24h;

/// Without a configured one the C library would ask the loopback address, again and again.
bool has_name_server() {
  std::optional<std::string> text;
  try {
    text = read_file("/etc/resolv.conf", 64 << 10);
  } catch (const Error&) {
    return false;
  }
  std::istringstream lines(text.value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("nameserver")) return true;
  return false;
}

}  // namespace

std::string name_of(const IpAddress& address) {
  if (!has_name_server()) return {};
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_in);
  if (address.family() == Family::v4) {
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    std::memcpy(&in.sin_addr, address.bytes().data(), 4);
  } else {
    auto& in = reinterpret_cast<sockaddr_in6&>(storage);
    in.sin6_family = AF_INET6;
    in.sin6_scope_id = address.scope();
    std::memcpy(&in.sin6_addr, address.bytes().data(), 16);
    length = sizeof in;
  }
  std::array<char, NI_MAXHOST> host{};
  const int error = ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, host.data(), host.size(),
                                  nullptr, 0, NI_NAMEREQD);
  return error == 0 ? host.data() : "";
}

HopLabels::HopLabels(const Clock& clock, Log log, std::string table) : clock_(clock), log_(std::move(log)) {
  worker_.post([this, table = std::move(table)] { load(table); });
}

void HopLabels::load(const std::string& path) {
  std::optional<std::string> text;
  try {
    text = read_file(path, AsTable::kMostOctets);
  } catch (const Error& error) {
    return log_.warning("the table of autonomous systems cannot be read", {{"why", error.what()}});
  }
  if (!text) return;
  std::string complaint;
  auto table = std::make_shared<const AsTable>(AsTable::parse(*text, complaint));
  if (!complaint.empty()) log_.warning("the table of autonomous systems has wrong lines", {{"what", complaint}});
  log_.info("the table of autonomous systems was read", {{"prefixes", std::to_string(table->size())}});
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
}

void HopLabels::ask(const IpAddress& address) {
  std::string name = name_of(address);
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(address); found != names_.end()) found->second.text = std::move(name);
}

HopLabel HopLabels::label(const IpAddress& address, bool look_up) {
  HopLabel label;
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(address);
  if (found != names_.end()) label.name = found->second.text;
  const bool stale = found == names_.end() || now - found->second.asked > kKept;
  if (look_up && stale && worker_.post([this, address] { ask(address); })) {
    if (names_.size() >= kMostNames) names_.clear();
    names_[address] = {label.name, now};
  }
  if (const auto system = table_ ? table_->find(address) : std::nullopt) {
    label.as_number = system->number;
    label.as_name = system->name;
  }
  return label;
}

}  // namespace sonde
