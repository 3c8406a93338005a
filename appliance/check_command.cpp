#include "appliance/check_command.h"

#include <unistd.h>

#include <cmath>
#include <iostream>
#include <thread>

#include "appliance/check_text.h"
#include "appliance/host_client.h"
#include "appliance/local_client.h"
#include "appliance/measure.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/linux_clock.h"
#include "core/host/fitness.h"
#include "web/api/check_json.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStretch = 2s;
constexpr int kSomethingBad = 3;

bool is_true(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found != nullptr && found->boolean;
}

/// What GET /node says of its clock; false where it says nothing that can be used.
bool take_clock(const Json& node, ClockFacts& clock) {
  const Json* told = node.find("clock");
  const Json* source = told == nullptr ? nullptr : told->find("source");
  if (source == nullptr) return false;
  clock.quality = {{}, is_true(*told, "synchronised"), is_true(*told, "believed"), source->text};
  if (const Json* bound = told->find("bound_s"); bound != nullptr && bound->kind == Json::Kind::number)
    clock.quality.bound = Duration{std::llround(bound->number * 1e9)};
  if (const Json* steps = node.find("clock_steps"); steps != nullptr && steps->integer && *steps->integer >= 0)
    clock.steps = static_cast<std::uint64_t>(*steps->integer);
  return true;
}

/// False when no node runs there, or not one that may be asked.
bool ask_node_for_clock(const std::filesystem::path& data, ClockFacts& clock) {
  try {
    const LocalAnswer answer = ask_node(data, "GET", "/api/v1/node");
    const JsonParsed parsed = parse_json(answer.body);
    return answer.status == 200 && parsed.value && take_clock(*parsed.value, clock);
  } catch (const Error&) {
    return false;
  }
}

/// The folder, or what of the way to it is there already.
std::string existing(std::filesystem::path folder) {
  std::error_code error;
  folder = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder.string();
}

}  // namespace

int check_host(const std::filesystem::path& data, const CheckOrder& order,
               std::span<const ProbeType* const> catalogue) {
  const LinuxClock clock;
  const HostSources sources = real_host(existing(data));
  const auto end = std::chrono::steady_clock::now() + kStretch;
  const HostFacts before = read_host(sources, clock.steady_now());
  if (isatty(STDERR_FILENO) != 0) std::cerr << "Looking at this host for two seconds ..." << std::flush;
  ClockFacts asked;
  if (!ask_node_for_clock(data, asked)) asked.quality = clock_here(catalogue);
  std::this_thread::sleep_until(end);
  if (isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K" << std::flush;
  HostFacts facts = read_host(sources, clock.steady_now());
  facts.clock.quality = asked.quality;
  facts.clock.steps = asked.steps;
  facts.appliance = has_host_helper();
  const FitnessReport report = make_report(facts, stretch_between(before, facts), clock.utc_now());
  if (order.json) {
    JsonWriter out;
    web::write_check(out, report, facts.appliance);
    std::cout << out.text() << '\n';
  } else {
    std::cout << check_text(report);
  }
  std::cout.flush();
  return count(report.findings, Finding::State::bad) > 0 ? kSomethingBad : 0;
}

}  // namespace sonde
