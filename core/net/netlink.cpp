#include "core/net/netlink.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/net/linux_socket.h"

namespace sonde {
namespace {

constexpr std::size_t kRoom = 64 << 10;

using Handle = std::function<void(std::span<const std::byte> body)>;

/// Hands each message of one answer on; false once it was the last.
bool read_messages(std::span<const std::byte> data, std::string_view subject, int wanted, const Handle& handle) {
  while (data.size() >= sizeof(nlmsghdr)) {
    nlmsghdr head;
    std::memcpy(&head, data.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > data.size() || head.nlmsg_type == NLMSG_DONE) return false;
    if (head.nlmsg_type == NLMSG_ERROR) throw Error("read", std::string(subject), EIO);
    if (head.nlmsg_type == wanted) handle(data.subspan(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN));
    data = data.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), data.size()));
  }
  return true;
}

}  // namespace

Attributes attributes_of(std::span<const std::byte> data) {
  Attributes out;
  while (data.size() >= sizeof(rtattr)) {
    rtattr head;
    std::memcpy(&head, data.data(), sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > data.size()) break;
    out[head.rta_type & NLA_TYPE_MASK] = data.subspan(RTA_LENGTH(0), head.rta_len - RTA_LENGTH(0));
    data = data.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), data.size()));
  }
  return out;
}

std::string text_of(const Attributes& attributes, int type) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return {};
  const std::string_view all(reinterpret_cast<const char*>(found->second.data()), found->second.size());
  return std::string(all.substr(0, all.find('\0')));
}

void netlink_dump(std::string_view subject, int request, int wanted, std::span<const std::byte> question,
                  const Handle& handle) {
  const Descriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  Bytes message(NLMSG_LENGTH(question.size()));
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(message.size());
  head.nlmsg_type = static_cast<std::uint16_t>(request);
  head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  std::memcpy(message.data(), &head, sizeof head);
  std::ranges::copy(question, message.begin() + NLMSG_HDRLEN);
  if (!fd || ::send(fd.get(), message.data(), message.size(), 0) < 0)
    throw Error("ask for", std::string(subject), errno);
  Bytes room(kRoom);
  for (bool more = true; more;) {
    const ssize_t got = ::recv(fd.get(), room.data(), room.size(), 0);
    if (got <= 0) throw Error("read", std::string(subject), got < 0 ? errno : EIO);
    more = read_messages(std::span(room).first(static_cast<std::size_t>(got)), subject, wanted, handle);
  }
}

int netlink_change(std::span<const std::byte> message) {
  const Descriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd || ::send(fd.get(), message.data(), message.size(), 0) < 0) return errno;
  Bytes room(kRoom);
  const ssize_t got = ::recv(fd.get(), room.data(), room.size(), 0);
  if (got < 0) return errno;
  nlmsghdr head{};
  nlmsgerr answer{};
  if (static_cast<std::size_t>(got) < NLMSG_HDRLEN + sizeof answer.error) return EPROTO;
  std::memcpy(&head, room.data(), sizeof head);
  std::memcpy(&answer.error, room.data() + NLMSG_HDRLEN, sizeof answer.error);
  return head.nlmsg_type == NLMSG_ERROR ? -answer.error : EPROTO;
}

}  // namespace sonde
