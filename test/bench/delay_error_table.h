#pragma once

#include "test/bench/delay_error_block.h"

namespace sonde::bench {

void print_head();
/// For people, on standard error: one line.
void print_row(const std::string& name, double rate, Figures& figures);

/// For scripts/bench, on standard output: "figure<TAB>measured<TAB>aim" of Sonde, of the reference and of owping at one
/// rate, and how they compare.
void print_figures(double rate, std::map<std::string, Figures>& by_tool);
/// Likewise, what a saturating test beside Sonde's light one adds to its error.
void print_beside(double rate, Figures& alone, Figures& beside);

}  // namespace sonde::bench
