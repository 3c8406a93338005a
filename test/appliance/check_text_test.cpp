#include "appliance/check_text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

using namespace sonde;
using State = Finding::State;

namespace {

FitnessReport report() {
  FitnessReport made;
  made.findings = {
      {"clock.synchronised",
       "Clock",
       State::bad,
       "not synchronised",
       "within 10 ms of UTC",
       "A one-way delay is the difference of two clocks and cannot be better than both of their bounds together, of "
       "which nobody knows any: 10 ms.",
       "Run chrony.",
       "apt install chrony\nchronyc tracking",
       {}},
      {"cpu.cores", "Cores", State::good, "2", "two or more", "Why.", "", "", {}},
      {"nic.eth0.link",
       "eth0: a title that is quite long",
       State::good,
       "up, 10 Gbit/s full duplex; driver ixgbe 6.1.0-18-amd64, firmware 0x800003e7",
       "up",
       "Why.",
       "",
       "",
       {}}};
  return made;
}

}  // namespace

TEST_CASE("the report for a terminal keeps to 80 columns, with commands in lines of their own") {
  CHECK(check_text(report()) ==
        "Is this host fit to measure? 1 thing is bad.\n"
        "\n"
        "Bad\n"
        "---\n"
        "Clock\n"
        "  is         not synchronised\n"
        "  should be  within 10 ms of UTC\n"
        "  because    A one-way delay is the difference of two clocks and cannot be\n"
        "             better than both of their bounds together, of which nobody knows\n"
        "             any: 10 ms.\n"
        "  mend it    Run chrony.\n"
        "      apt install chrony\n"
        "      chronyc tracking\n"
        "\n"
        "Good\n"
        "----\n"
        "Cores                             2\n"
        "eth0: a title that is quite long  up, 10 Gbit/s full duplex; driver ixgbe\n"
        "                                  6.1.0-18-amd64, firmware 0x800003e7\n");
}

TEST_CASE("a value and its unit stay together, and a long word may stand out") {
  FitnessReport made = report();
  made.findings.resize(1);
  for (int n = 0; n < 60; ++n) {
    made.findings[0].is = std::string(static_cast<std::size_t>(n), 'x') + " it is 4.19 MB of µµµµ";
    std::istringstream lines(check_text(made));
    for (std::string line; std::getline(lines, line);) {
      CHECK_FALSE(line.ends_with("4.19"));
      CHECK(std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }) <= 80);
    }
  }
}
