// bench_delay_error: how far measured one-way delays are from the true ones of an emulated path: Sonde beside the least
// program that can measure and beside owping, in one run.
//
// error = (receive stamp - send stamp) - (left - entered): what a tool adds to the time that the packet truly spent in
// the path. It holds the way from the tool's reading of the clock into the device, the emulator's waking up to take the
// packet, and the way from the second device to the receiver's stamp. All stamps are of one CLOCK_REALTIME. The tools
// take turns in short blocks, so that what else the machine does hits all alike. Needs root; nothing leaves the
// machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/config/config_file.h"
#include "probes/catalogue.h"
#include "test/appliance/running_node.h"
#include "test/bench/delay_error_table.h"
#include "test/bench/heavy_beside.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::bench;
using namespace std::chrono_literals;

namespace {

struct Order {
  std::string delay = "5ms", jitter = "0ms";
  std::vector<double> rates{10, 100, 1000};
  int rounds = 4, seconds = 2;
  bool loops = false;
};

test::PathOptions path_of(const Order& order) {
  if (const auto why = test::why_no_namespaces()) throw Error(*why);
  const auto delay = parse_duration(order.delay), jitter = parse_duration(order.jitter);
  if (!delay || !jitter) throw Error("--delay and --jitter are durations such as 5ms");
  return {.delay = *delay, .jitter = *jitter};
}

/// A whole node at the far end that lets the near end measure to it, and measures nothing itself.
std::unique_ptr<test::RunningNode> far_node(const test::PathEmulator& path, const std::string& folder) {
  Config config;
  config.set_up = true;
  config.engine_rules = {
      {.engine = "owamp", .source = *Prefix::parse("10.99.0.0/24"), .allow = true, .packets_per_second = 10'000}};
  make_folder(folder, 0700);
  write_file_atomically(folder + "/sonde.xml", write_config(config, "", probe_catalogue()), 0600);
  std::unique_ptr<test::RunningNode> node;
  path.b().run([&] { node = std::make_unique<test::RunningNode>(folder, 0, "10.99.0.2"); });
  return node;
}

Tool sonde_tool(pid_t far) {
  return {.name = "sonde",
          .serve = "",
          .send = std::string(SONDE_EXECUTABLE) +
                  " measure owamp 10.99.0.2 --count {count} --interval {interval} -o direction=forward"
                  " -o loss_threshold=2s --json --raw {raw}",
          .always = far};
}

/// At least 100, so that a block has a p99.
int packets_of(double rate, int seconds) { return std::max(100, static_cast<int>(rate * seconds)); }

void measure(const Order& order, Blocks& blocks, const std::vector<Tool>& tools) {
  std::fprintf(stderr, "path: delay %s, jitter up to %s; Poisson; %d blocks of each tool, of 100 packets or %d s\n",
               order.delay.c_str(), order.jitter.c_str(), order.rounds, order.seconds);
  print_head();
  std::vector<std::string> commands;
  for (const double rate : order.rates) {
    std::map<std::string, Figures> figures;
    for (int round = 0; round < order.rounds; ++round)
      for (const Tool& tool : tools)
        blocks.run(tool, rate, packets_of(rate, order.seconds), round + 1, figures[tool.name]);
    for (const Tool& tool : tools) {
      print_row(tool.name, rate, figures[tool.name]);
      commands.push_back(tool.name + ": " + figures[tool.name].command);
    }
    print_figures(rate, figures);
  }
  std::fprintf(stderr, "commands of the first block of each row:\n");
  for (const std::string& command : commands) std::fprintf(stderr, "  %s\n", command.c_str());
}

/// What a saturating test on the same host adds to the error of a light stream, in the same run as without one.
void measure_beside(const Order& order, Blocks& blocks, const Tool& sonde) {
  constexpr double kRate = 100;
  Figures alone, beside;
  double gbps = 0;
  for (int round = 0; round < order.rounds; ++round) {
    blocks.run(sonde, kRate, packets_of(kRate, order.seconds), round + 1, alone);
    const HeavyBeside heavy;
    blocks.run(sonde, kRate, packets_of(kRate, order.seconds), round + 1, beside);
    gbps = heavy.gbps();
  }
  print_row("sonde", kRate, alone);
  print_row("beside a heavy test", kRate, beside);
  std::fprintf(stderr, "the heavy test had %.1f Gbit/s\n", gbps);
  print_beside(kRate, alone, beside);
}

void run(const Order& order, const std::string& here) {
  const test::TemporaryFolder folder;
  test::PathEmulator path(path_of(order));
  std::vector<Tool> tools = small_tools(here, order.loops);
  const auto node = far_node(path, folder / "far");
  tools.push_back(sonde_tool(node->pid()));
  std::unique_ptr<Owampd> owampd;
  if (in_path("owping") && in_path("owampd")) {
    owampd = std::make_unique<Owampd>(path.b(), folder / "owampd");
    tools.push_back(owampd->tool());
  }
  std::this_thread::sleep_for(2s);  // the servers have started
  Blocks blocks(path, folder.path());
  measure(order, blocks, tools);
  measure_beside(order, blocks, *std::ranges::find(tools, "sonde", &Tool::name));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Error of measured one-way delays over an emulated path, for Sonde and its peers, in one run.");
  Order order;
  app.add_option("--delay", order.delay, "of the path");
  app.add_option("--jitter", order.jitter, "up to this much more");
  app.add_option("--rates", order.rates, "packets a second")->delimiter(',');
  app.add_option("--rounds", order.rounds, "blocks in which the tools take turns")->check(CLI::Range(1, 100));
  app.add_option("--seconds", order.seconds, "length of a block of at least 100 packets")->check(CLI::Range(1, 600));
  app.add_flag("--loops", order.loops, "Sonde's loop as a program of its own too, in three ways");
  CLI11_PARSE(app, argc, argv);
  try {
    const std::string self = argv[0];
    const auto slash = self.rfind('/');
    run(order, slash == std::string::npos ? "." : self.substr(0, slash));
  } catch (const std::exception& error) {
    std::cerr << "bench_delay_error: " << error.what() << '\n';
    return 1;
  }
}
