#pragma once

#include "test/bench/delay_error_tools.h"
#include "test/support/path_emulator.h"

namespace sonde::bench {

/// What all blocks of one tool at one rate have shown.
struct Figures {
  std::vector<double> errors_us;
  std::vector<double> slip_p99s_us;  ///< one a block, so that tools that tell no more than that compare
  double cpu = 0;                    ///< s, of all processes of the tool
  int sent = 0, missing = 0;         ///< missing: told as arrived, unknown to the path
  std::string command;               ///< of the first block
};

/// Nearest rank; NaN without values. Sorts them.
double percentile(std::vector<double>& values, double p);

/// The path and the tools' turns on it. `folder` is for what they write.
class Blocks {
 public:
  Blocks(test::PathEmulator& path, std::string folder) : path_(path), folder_(std::move(folder)) {}
  /// One turn: `count` packets. Throws Error when the tool fails.
  void run(const Tool& tool, double rate, int count, int seed, Figures& figures);

 private:
  void take(const Tool& tool, double cpu, std::size_t before, Figures& figures);
  std::string file(const char* name) const { return folder_ + "/" + name; }
  test::PathEmulator& path_;
  std::string folder_;
  int turns_ = 0;
};

}  // namespace sonde::bench
