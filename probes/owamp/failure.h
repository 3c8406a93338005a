#pragma once

#include <string>
#include <string_view>

#include "core/net/address.h"

/// What to tell a person when a round fails: what happened, what it means, what to do.
namespace sonde::owamp::failure {

/// `reason` is the network's phrase for a connection that was not made.
std::string no_connection(const Endpoint& server, std::string_view reason);
/// The connection ended, or nothing came in time, while we waited for `awaited`.
std::string ended(const Endpoint& server, std::string_view awaited, std::string_view reason);
std::string silent(const Endpoint& server, std::string_view awaited);
/// The server's Modes hold nothing that we speak; zero = it does not want to talk.
std::string no_common_mode(const Endpoint& server, std::uint32_t modes);
/// What came is no answer that an OWAMP server gives.
std::string not_owamp(const Endpoint& server, std::string_view awaited);
/// The server said no to `what`, for a reason in words.
std::string refused(const Endpoint& server, std::string_view what, std::string_view meaning);

}  // namespace sonde::owamp::failure
