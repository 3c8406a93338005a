#include "test/bench/delay_error_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sonde::bench {
namespace {

constexpr double kMostOfReference = 1.3;

std::string cell(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 10 ? "%.2f" : "%.1f", value);
  return std::isnan(value) ? "-" : text;
}

double cpu_of_100k(const Figures& f) { return f.cpu * 1e5 / std::max(f.sent, 1); }

void figure(const std::string& name, double rate, const std::string& measured, const std::string& aim = "") {
  std::printf("%s at %.0f/s\t%s\t%s\n", name.c_str(), rate, measured.c_str(), aim.c_str());
}

void compare(const char* what, double p, double rate, Figures& sonde, Figures& other, const char* than, double aim) {
  const double ratio = percentile(sonde.errors_us, p) / percentile(other.errors_us, p);
  figure(std::string("error ") + what + ", Sonde / " + than, rate, cell(ratio), "<= " + cell(aim));
}

}  // namespace

void print_head() {
  std::fprintf(stderr, "%-22s %6s %6s %6s | %26s | %8s | %7s\n", "", "", "", "", "error us         ", "slip us",
               "cpu s");
  std::fprintf(stderr, "%-22s %6s %6s %6s | %8s %8s %8s | %8s | %7s\n", "tool", "pkt/s", "sent", "joined", "p50", "p95",
               "p99", "p99", "/100k");
}

void print_row(const std::string& name, double rate, Figures& f) {
  const auto p = [&](double share) { return cell(percentile(f.errors_us, share)); };
  std::fprintf(stderr, "%-22s %6.0f %6d %6zu | %8s %8s %8s | %8s | %7s\n", name.c_str(), rate, f.sent,
               f.errors_us.size(), p(0.5).c_str(), p(0.95).c_str(), p(0.99).c_str(),
               cell(percentile(f.slip_p99s_us, 0.5)).c_str(), cell(cpu_of_100k(f)).c_str());
}

void print_figures(double rate, std::map<std::string, Figures>& by_tool) {
  Figures& sonde = by_tool["sonde"];
  for (const char* name : {"sonde", "reference", "owping"}) {
    if (!by_tool.contains(name)) {
      figure(std::string(name) + ", error p50, p95, p99", rate, "not in the PATH");
      continue;
    }
    Figures& f = by_tool[name];
    figure(std::string(name) + ", error p50, p95, p99", rate,
           cell(percentile(f.errors_us, 0.5)) + ", " + cell(percentile(f.errors_us, 0.95)) + ", " +
               cell(percentile(f.errors_us, 0.99)) + " us of " + std::to_string(f.errors_us.size()) + " packets");
    if (!f.slip_p99s_us.empty())
      figure(std::string(name) + ", slip p99", rate, cell(percentile(f.slip_p99s_us, 0.5)) + " us");
    figure(std::string(name) + ", CPU of 100,000 packets", rate, cell(cpu_of_100k(f)) + " s");
  }
  for (const auto& [what, p] : {std::pair("p50", 0.5), std::pair("p95", 0.95)}) {
    compare(what, p, rate, sonde, by_tool["reference"], "reference", kMostOfReference);
    if (by_tool.contains("owping"))
      compare(what, p, rate, sonde, by_tool["owping"], "owping", rate < 100 ? 1.0 / 2 : 1.0 / 3);
  }
  std::fflush(stdout);
}

void print_beside(double rate, Figures& alone, Figures& beside) {
  std::string added;
  for (const double p : {0.5, 0.95, 0.99})
    added += (added.empty() ? "" : ", ") + cell(percentile(beside.errors_us, p) - percentile(alone.errors_us, p));
  figure("error that a saturating test beside it adds, p50, p95, p99", rate, added + " us");
  std::fflush(stdout);
}

}  // namespace sonde::bench
