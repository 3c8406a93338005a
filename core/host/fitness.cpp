#include "core/host/fitness.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/quantity.h"
#include "core/host/judging.h"

namespace sonde {

std::string_view words_of(Finding::State state) {
  static constexpr std::string_view kWords[] = {"bad", "could be better", "not known", "good"};
  return kWords[static_cast<int>(state)];
}

std::string octets_text(std::uint64_t octets) { return with_prefix(static_cast<double>(octets), "B"); }
std::string rate_text(double bps) { return with_prefix(bps, "bit/s"); }

std::string share_text(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %%", share > 0 && share < 0.0995 ? (share < 0.00995 ? 2 : 1) : 0,
                share * 100);
  return text.data();
}

std::string listed(const std::vector<std::string>& of) {
  std::string text;
  for (std::size_t i = 0; i < of.size(); ++i) text += (i == 0 ? "" : i + 1 == of.size() ? " and " : ", ") + of[i];
  return text;
}

std::string sysctl_command(const HostFacts& facts, std::initializer_list<std::string_view> rows) {
  static constexpr std::string_view kFile = "/etc/sysctl.d/90-sonde.conf";
  std::string lines;
  for (const std::string_view key : rows) {
    const auto is = facts.settings.find(std::string(key));
    const std::string wanted = wanted_text(*tuning_row(key), is == facts.settings.end() ? "" : is->second);
    lines += "echo '" + std::string(key) + " = " + wanted + "' >> " + std::string(kFile) + "\n";
  }
  return lines + "sysctl -p " + std::string(kFile);
}

std::vector<Finding> judge(const HostFacts& facts, const std::optional<CpuStretch>& stretch) {
  std::vector<Finding> out;
  judge_clock(facts.clock, facts.machine.virtual_machine, out);
  judge_nics(facts, out);
  judge_kernel(facts, out);
  judge_cpu(facts, stretch, out);
  judge_machine(facts.machine, out);
  for (Finding& one : out) {
    if (facts.appliance) for_appliance(one);
    if (one.state != Finding::State::good) continue;
    one.how = one.command = "";
    one.rows.clear();
  }
  std::ranges::stable_sort(out, {}, &Finding::state);
  return out;
}

std::size_t count(const std::vector<Finding>& findings, Finding::State state) {
  return static_cast<std::size_t>(std::ranges::count(findings, state, &Finding::state));
}

std::string summary(const std::vector<Finding>& findings) {
  const std::size_t bad = count(findings, Finding::State::bad), watch = count(findings, Finding::State::watch);
  const std::size_t unknown = count(findings, Finding::State::unknown);
  const auto things = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " thing" : " things"); };
  std::string text;
  if (bad > 0) text = things(bad) + (bad == 1 ? " is bad" : " are bad");
  if (watch > 0) text += (text.empty() ? things(watch) : ", " + std::to_string(watch)) + " could be better";
  if (text.empty()) text = "Nothing could be better";
  if (unknown > 0) text += "; " + std::to_string(unknown) + (unknown == 1 ? " is" : " are") + " not known";
  return text + ".";
}

FitnessReport make_report(const HostFacts& facts, const std::optional<CpuStretch>& stretch, UtcTime now) {
  return {now, stretch, judge(facts, stretch), tuning_states(facts)};
}

}  // namespace sonde
