#include "test/bench/delay_error_block.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

#include "core/base/bytes.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace sonde::bench {
namespace {

using namespace std::chrono_literals;
using test::PathRecord;

/// Joins by the number in the first four octets; in each block only one tool sends.
void add_errors(const std::map<std::uint32_t, Arrival>& arrivals, const std::vector<PathRecord>& records,
                std::size_t from, Figures& figures) {
  std::map<std::uint32_t, const PathRecord*> passed;
  for (std::size_t i = from; i < records.size(); ++i) {
    const PathRecord& r = records[i];
    if (!r.there || r.protocol != 17 || r.head.size() < 12 || r.left_ns == 0) continue;
    ByteReader head(r.head);
    passed[head.u32()] = &r;
  }
  for (const auto& [number, arrival] : arrivals) {
    const auto found = passed.find(number);
    if (found == passed.end()) {
      ++figures.missing;
      continue;
    }
    const std::int64_t truth = found->second->left_ns - found->second->entered_ns;
    figures.errors_us.push_back(static_cast<double>(arrival.received - arrival.sent - truth) / 1e3);
  }
}

/// What `sonde measure --json` tells of itself; NaN where the output is no such thing.
double told_slip_p99_us(const std::string& printed) {
  const JsonParsed parsed = parse_json(read_file(printed, 64 << 20).value_or(""));
  const Json* health = parsed.value ? parsed.value->find("own_health") : nullptr;
  const Json* slip = health ? health->find("slip_p99_s") : nullptr;
  return slip ? slip->number * 1e6 : std::nan("");
}

}  // namespace

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

void Blocks::take(const Tool& tool, double cpu, std::size_t before, Figures& figures) {
  std::vector<double> slips = read_told(file("sent"), Says::lines).slips_us;
  const Told told = read_told(file(tool.says == Says::owping ? "printed" : "raw"), tool.says);
  // What a program tells of itself begins at the first packet; the others are charged with their start as well.
  const double own = read_told(file("sent"), Says::lines).cpu + told.cpu;
  figures.cpu += own > 0 ? own : cpu;
  const double slip = slips.empty() ? told_slip_p99_us(file("printed")) : percentile(slips, 0.99);
  if (!std::isnan(slip)) figures.slip_p99s_us.push_back(slip);
  std::this_thread::sleep_for(200ms);  // the path's log is complete
  add_errors(told.arrivals, path_.records(), before, figures);
}

void Blocks::run(const Tool& tool, double rate, int count, int seed, Figures& figures) {
  for (const char* name : {"sent", "raw", "printed"}) std::remove(file(name).c_str());
  const std::map<std::string, std::string> values{{"count", std::to_string(count)},
                                                  {"rate", std::to_string(rate)},
                                                  {"interval", std::to_string(1 / rate)},
                                                  {"seed", std::to_string(seed)},
                                                  {"port", std::to_string(9000 + ++turns_ % 1000)},
                                                  {"sent", file("sent")},
                                                  {"raw", file("raw")}};
  const std::size_t before = path_.records().size();
  const double always = tool.always != 0 ? cpu_so_far(tool.always) : 0;
  std::unique_ptr<Program> server;
  if (!tool.serve.empty()) server = std::make_unique<Program>(path_.b(), fill(tool.serve, values));
  std::this_thread::sleep_for(300ms);  // the server listens, the machine has calmed down
  const std::string command = fill(tool.send, values);
  if (figures.command.empty()) figures.command = command;
  double cpu = Program(path_.a(), command, file("printed")).wait();
  if (server) cpu += server->wait();
  if (tool.always != 0) cpu += cpu_so_far(tool.always) - always;
  figures.sent += count;
  take(tool, cpu, before, figures);
}

}  // namespace sonde::bench
