#pragma once

#include <string>
#include <string_view>

#include "core/net/address.h"
#include "probes/throughput/wire.h"

/// What to tell a person when a test fails: what happened, what it means, what to do.
namespace sonde::throughput::failure {

std::string no_connection(const Endpoint& server, std::string_view reason);
std::string no_data_connection(const Endpoint& server, std::string_view reason);
/// The server closed, or said nothing in time, while we waited for `awaited`.
std::string ended(const Endpoint& server, std::string_view awaited, std::string_view reason);
std::string silent(const Endpoint& server, std::string_view awaited);
std::string busy(const Endpoint& server);
std::string not_iperf3(const Endpoint& server, std::string_view awaited);
std::string refused(const Endpoint& server, const ServerError& error);
std::string given_up(const Endpoint& server);
std::string data_broke(std::string_view reason);

}  // namespace sonde::throughput::failure
