#include "core/host/firewall_plan.h"

#include <algorithm>

namespace sonde {
namespace {

bool answers(const Config& config, std::string_view engine) {
  // Before anybody decided, networks on the link may measure (core/access says who exactly).
  if (!config.engine_rules) return true;
  return std::ranges::any_of(*config.engine_rules, [&](const EngineRule& rule) {
    return rule.allow && (rule.engine == engine || rule.engine == "*");
  });
}

}  // namespace

std::string firewall_text(const Config& config, const std::string& managing) {
  const auto [first, last] = config.settings.test_ports;
  const std::string managed = managing.empty() ? "" : "iifname \"" + managing + "\" ";
  std::string text =
      "flush ruleset\n"
      "table inet sonde {\n"
      "  chain input {\n"
      "    type filter hook input priority filter; policy drop;\n"
      "    iif lo accept\n"
      "    meta l4proto { icmp, ipv6-icmp } accept\n"
      "    udp dport { 68, 546 } accept comment \"answers of DHCP\"\n"
      "    tcp flags & (syn | ack) != syn accept comment \"of connections that were let in or made here\"\n" +
      ("    " + managed + "tcp dport { 80, 443 } accept comment \"the page\"\n");
  if (config.host && !config.host->shell_keys.empty())
    text += "    " + managed + "tcp dport 22 accept comment \"the shell\"\n";
  if (answers(config, "owamp")) text += "    tcp dport 861 accept comment \"OWAMP control\"\n";
  if (answers(config, "throughput"))
    text += "    meta l4proto { tcp, udp } th dport 5201 accept comment \"throughput tests\"\n";
  text += "    udp dport " + std::to_string(first) + "-" + std::to_string(last) + " accept comment \"test packets\"\n" +
          "    udp dport 32768-60999 accept comment \"answers to what this host asked: names, time, tests\"\n"
          "    meta pkttype { broadcast, multicast } drop\n"
          "    meta l4proto tcp limit rate 100/second reject with tcp reset\n"
          "    limit rate 100/second reject\n"
          "  }\n"
          "}\n";
  return text;
}

}  // namespace sonde
