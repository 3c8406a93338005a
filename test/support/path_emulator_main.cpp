// path_emulator: makes two network namespaces with an emulated path between them, and a log of every packet.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "core/base/error.h"
#include "test/support/interrupts.h"
#include "test/support/path_emulator.h"

using namespace sonde;
using namespace sonde::test;

int main(int argc, char** argv) {
  CLI::App app("Two network namespaces joined by an emulated path. Prints their names, then waits to be interrupted.");
  PathOptions path;
  std::string delay = "0ms", jitter = "0ms", length = "0s", log;
  std::uint64_t seed = 1;
  app.add_option("--delay", delay, "of every packet, such as 10ms");
  app.add_option("--jitter", jitter, "up to this much more");
  app.add_option("--loss", path.loss, "share of packets lost, 0 to 1");
  app.add_option("--duplicate", path.duplicate, "share of packets followed by a copy");
  app.add_option("--overtake", path.overtake, "share of packets that their successor overtakes");
  app.add_option("--rate", path.rate_bps, "bit/s, 0 = unlimited");
  app.add_option("--queue", path.queue_packets, "packets that wait for the rate before others are lost");
  app.add_option("--seed", seed, "of all chance");
  app.add_option("--for", length, "end after this time, 0s = when interrupted");
  app.add_option("--log", log, "file for one line a packet, written at the end");
  CLI11_PARSE(app, argc, argv);
  try {
    if (const auto why = why_no_namespaces()) throw Error(*why);
    path.delay = duration_of(delay);
    path.jitter = duration_of(jitter);
    block_interrupts();
    const PathEmulator emulator(path, seed);
    std::printf("%s 10.99.0.1 fd99::1\n%s 10.99.0.2 fd99::2\n", emulator.a().name().c_str(),
                emulator.b().name().c_str());
    std::fflush(stdout);
    until_interrupted(duration_of(length));
    if (!log.empty()) {
      std::ofstream file(log);
      for (const PathRecord& record : emulator.records()) file << to_line(record) << '\n';
      if (!file.flush()) throw Error("cannot write " + log);
    }
  } catch (const std::exception& error) {
    std::cerr << "path_emulator: " << error.what() << '\n';
    return 1;
  }
}
