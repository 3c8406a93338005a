#include "probes/throughput/failure.h"

namespace sonde::throughput::failure {
namespace {

std::string name(const Endpoint& server) { return "The throughput server at " + server.text(); }

}  // namespace

std::string no_connection(const Endpoint& server, std::string_view reason) {
  return name(server) + " cannot be reached: " + std::string(reason) +
         ". Nothing was measured. See whether Sonde or iperf3 -s runs there and TCP port " +
         std::to_string(server.port) + " is open on the way.";
}

std::string no_data_connection(const Endpoint& server, std::string_view reason) {
  return name(server) + " took the test, but no data connection came about: " + std::string(reason) + ".";
}

std::string ended(const Endpoint& server, std::string_view awaited, std::string_view reason) {
  return name(server) + " ended the control connection while we waited for " + std::string(awaited) + ": " +
         std::string(reason) +
         ". It may have refused the test without saying why (a limit on rate, time or users), or was stopped.";
}

std::string silent(const Endpoint& server, std::string_view awaited) {
  return name(server) + " stopped answering while we waited for " + std::string(awaited) +
         ". It may be overloaded, or the path broke; the test was given up.";
}

std::string busy(const Endpoint& server) {
  return name(server) +
         " was busy with a test of somebody else, or does not serve this address now. Nothing was measured; try again "
         "later.";
}

std::string not_iperf3(const Endpoint& server, std::string_view awaited) {
  return "What listens at " + server.text() + " does not speak iperf3's protocol: instead of " + std::string(awaited) +
         " something else came. Check the port.";
}

std::string refused(const Endpoint& server, const ServerError& error) {
  return name(server) + " refused the test: " + meaning_of(error) + ". Ask for less, or ask its operator.";
}

std::string given_up(const Endpoint& server) { return name(server) + " ended the test before its time."; }

std::string data_broke(std::string_view reason) {
  return "A data connection broke during the test: " + std::string(reason) + ".";
}

}  // namespace sonde::throughput::failure
