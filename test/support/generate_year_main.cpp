// Makes a DATA folder with a year of generated paths for pages to be looked at: generate_year DATA --paths 40 --cases,
// then sonde run --data DATA.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "appliance/first_tests.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/config/config_store.h"
#include "probes/catalogue.h"
#include "test/support/generated_path.h"
#include "test/support/generated_year.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

/// Peers live on the loopback, so that nothing leaves this host if the tests are started.
Config config_of(const test::GeneratedYear& year, bool paused, bool own_tests) {
  Config config;
  if (own_tests) begin_by_itself(config, probe_catalogue());
  config.set_up = true;
  config.settings.public_reading = true;
  Bytes id(16);
  seeded_random(1)->fill(id);
  config.site = {.node_id = to_hex(id), .name = "sonde-here.example.net", .organisation = "Example", .place = "Geneva"};
  for (int i = 0; i < year.paths; ++i) {
    const test::GeneratedPath path(i, year.end, year.cases);
    const std::string number = std::to_string(1000 + i).substr(1);
    config.peers.push_back(
        {"peer" + number, path.peer_name(), "127.1." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200)});
    TestSpec spec{.id = path.id(), .title = "to " + path.peer_name(), .probe = "owamp", .peer = "peer" + number};
    spec.schedule = {.kind = Schedule::Kind::continuous, .period = 1min};
    spec.paused = paused;
    config.tests.push_back(spec);
  }
  config.settings.banner = "Simulated: the past shown here was made by a generator, nothing of it was measured.";
  return config;
}

}  // namespace

int main(int argc, char** argv) {
  test::GeneratedYear year;
  std::string data, end;
  bool full_last_day = false, running = false, own_tests = false;
  CLI::App app("Writes a year of stored series for paths that do not exist.");
  app.add_option("DATA", data, "the folder to make")->required();
  app.add_option("--paths", year.paths, "how many")->check(CLI::Range(0, 999));
  app.add_flag("--full-step-last-day", full_last_day, "hours for the year, minutes for the last day (the default)");
  app.add_flag("--full-step-year", year.full_year, "minutes for the whole year, in files as large as the product's");
  app.add_flag("--cases", year.cases, "the first three paths tell the prepared cases; cases.json says which");
  app.add_option("--end", end, "the year's end, UTC; now if absent");
  app.add_flag("--running", running, "the tests are not paused: sonde run starts them");
  app.add_flag("--own-tests", own_tests, "with the tests of a node about itself, which are never paused");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    year.data = data;
    year.end = UtcTime{Duration{now}};
    if (!end.empty()) {
      const auto parsed = parse_utc(end);
      if (!parsed) throw Error("--end " + end + ": allowed is a time such as 2026-11-21T06:00:00Z");
      year.end = *parsed;
    }
    test::generate(year);
    ConfigStore store(data, probe_catalogue());
    store.load(year.end);
    store.save(config_of(year, !running, own_tests), year.end);
    std::cout << year.paths << " paths up to " << format_utc(year.end, 0) << " in " << data << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
