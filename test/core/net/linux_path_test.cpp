#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <functional>

#include "core/net/linux_network.h"
#include "test/support/namespaces.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

void write_setting(const char* path, const char* value) {
  std::FILE* const file = std::fopen(path, "w");
  REQUIRE(file);
  std::fputs(value, file);
  REQUIRE(std::fclose(file) == 0);
}

/// near -- router -- far: three namespaces, so that a hop limit can end on the way.
struct RoutedPath {
  NetworkNamespace near{"near"}, router{"router"}, far{"far"};
  RoutedPath() {
    join(near, "east", router, "west", "10.98.1", "fd98:1:");
    join(router, "east", far, "west", "10.98.2", "fd98:2:");
    near.ip({"route", "add", "default", "via", "10.98.1.2"});
    near.ip({"-6", "route", "add", "default", "via", "fd98:1::2"});
    far.ip({"route", "add", "default", "via", "10.98.2.1"});
    far.ip({"-6", "route", "add", "default", "via", "fd98:2::1"});
    router.run([] {
      write_setting("/proc/sys/net/ipv4/ip_forward", "1");
      write_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1");
    });
  }
  static void join(const NetworkNamespace& a, const std::string& dev_a, const NetworkNamespace& b,
                   const std::string& dev_b, const std::string& v4, const std::string& v6) {
    a.ip({"link", "add", dev_a, "type", "veth", "peer", "name", dev_b, "netns", b.name()});
    a.ip({"addr", "add", v4 + ".1/24", "dev", dev_a});
    b.ip({"addr", "add", v4 + ".2/24", "dev", dev_b});
    a.ip({"addr", "add", v6 + ":1/64", "dev", dev_a, "nodad"});
    b.ip({"addr", "add", v6 + ":2/64", "dev", dev_b, "nodad"});
    a.ip({"link", "set", dev_a, "up"});
    b.ip({"link", "set", dev_b, "up"});
  }
};

/// Takes CAP_NET_RAW from this thread and allows the kernel's own echo sockets in this namespace instead.
void give_up_raw_sockets() {
  write_setting("/proc/sys/net/ipv4/ping_group_range", "0 0");
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  REQUIRE(::syscall(SYS_capget, &head, sets.data()) == 0);
  sets[0].effective &= ~(1U << CAP_NET_RAW);
  REQUIRE(::syscall(SYS_capset, &head, sets.data()) == 0);
  REQUIRE(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0);
}

struct Heard {
  Bytes payload;
  Datagram about;
};

std::optional<Heard> ask(LinuxNetwork& network, const LinuxClock& clock, PacketSocket& socket, const Endpoint& to,
                         const Bytes& message) {
  network.watch(socket, 1);
  const Outgoing packet{message, to, {}};
  const SteadyTime end = clock.steady_now() + 5s;
  // The link may still be coming up: what cannot leave yet is tried again.
  for (SteadyTime again{}; clock.steady_now() < end;) {
    if (clock.steady_now() >= again) {
      socket.send({&packet, 1});
      again = clock.steady_now() + 500ms;
    }
    for (const Datagram& d : socket.receive()) {
      if (d.error == EHOSTUNREACH && d.icmp_type < 0) continue;
      return Heard{Bytes(d.payload.begin(), d.payload.end()), d};
    }
    network.wait(clock.steady_now() + 50ms);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("the router where a hop limit ends is named, to echo requests and to UDP") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  const bool raw = GENERATE(true, false);
  const RoutedPath path;
  for (const Family family : {Family::v4, Family::v6}) {
    const bool v4 = family == Family::v4;
    const IpAddress target = ip(v4 ? "10.98.2.2" : "fd98:2::2"), router = ip(v4 ? "10.98.1.2" : "fd98:1::2");
    const IpAddress any = IpAddress::any(family);
    Bytes echo(16);
    echo[0] = static_cast<std::byte>(v4 ? 8 : 128);
    echo[7] = std::byte{9};
    path.near.run([&] {
      if (!raw) give_up_raw_sockets();
      const LinuxClock clock;
      LinuxNetwork network(clock);
      INFO(to_string(family) << (raw ? ", raw socket" : ", echo socket"));
      const auto short_echo = network.open_icmp({.local = {any, 0}, .hop_limit = 1});
      const auto expired = ask(network, clock, *short_echo, {target, 0}, echo);
      REQUIRE(expired);
      CHECK(expired->about.error == EHOSTUNREACH);
      CHECK(expired->about.reporter == router);
      CHECK(expired->about.icmp_type == (v4 ? 11 : 3));
      CHECK(expired->about.icmp_code == 0);
      CHECK(expired->about.from == Endpoint{target, 0});
      REQUIRE(expired->payload.size() >= 8);
      CHECK(expired->payload[0] == echo[0]);
      CHECK(expired->payload[7] == echo[7]);
      CHECK(expired->about.stamp != StampSource::none);

      const auto whole_echo = network.open_icmp({.local = {any, 0}, .hop_limit = 2});
      const auto reply = ask(network, clock, *whole_echo, {target, 0}, echo);
      REQUIRE(reply);
      CHECK(reply->about.error == 0);
      CHECK(reply->about.from == Endpoint{target, 0});
      CHECK(reply->about.hop_limit == 63);

      const auto short_udp = network.open_udp({.local = {any, 0}, .hop_limit = 1});
      const auto udp_expired = ask(network, clock, *short_udp, {target, 33'434}, echo);
      REQUIRE(udp_expired);
      CHECK(udp_expired->about.reporter == router);
      CHECK(udp_expired->about.icmp_type == (v4 ? 11 : 3));
      CHECK(udp_expired->about.from == Endpoint{target, 33'434});

      const auto whole_udp = network.open_udp({.local = {any, 0}, .hop_limit = 2});
      const auto refused = ask(network, clock, *whole_udp, {target, 33'434}, echo);
      REQUIRE(refused);
      CHECK(refused->about.error == ECONNREFUSED);
      CHECK(refused->about.reporter == target);
    });
  }
}
