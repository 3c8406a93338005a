#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

// Lists that the kernel tells over rtnetlink: interfaces, addresses, queueing disciplines.
namespace sonde {

using Attributes = std::map<int, std::span<const std::byte>>;

/// The attributes that lie behind the fixed part of a message, by type; what does not fit is left out.
Attributes attributes_of(std::span<const std::byte> data);
/// Zero where the attribute is absent.
template <typename T>
T value_of(const Attributes& attributes, int type) {
  T value{};
  const auto found = attributes.find(type);
  if (found != attributes.end())
    std::memcpy(&value, found->second.data(), std::min(sizeof value, found->second.size()));
  return value;
}
std::string text_of(const Attributes& attributes, int type);

/// Asks for a whole list and hands the body of each message of the type `wanted` on. `subject` is for the Error that
/// tells why there is none: "the list of interfaces".
void netlink_dump(std::string_view subject, int request, int wanted, std::span<const std::byte> question,
                  const std::function<void(std::span<const std::byte> body)>& handle);

/// One change, a whole message; 0, or the errno with which the kernel refused it.
int netlink_change(std::span<const std::byte> message);

}  // namespace sonde
