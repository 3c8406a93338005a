#pragma once

// Where the live appliance keeps what its root helper, its node and its scripts tell each other (image/README.md).
namespace sonde::host {

inline constexpr const char* kSocket = "/run/sonde/host.sock";
inline constexpr const char* kNodeData = "/data/sonde";
inline constexpr const char* kData = "/data";
inline constexpr const char* kStaging = "/data/staging";
/// While it is there, the node is not started again.
inline constexpr const char* kHold = "/run/sonde/hold";
inline constexpr const char* kNodePid = "/run/sonde/serve.pid";
/// What the node and the host's programs say, in memory; and what of it is kept on the data partition.
inline constexpr const char* kLog = "/run/sonde/log";
inline constexpr const char* kKeptLog = "/data/log/sonde.log";
/// While it is there, the network's client is not started again.
inline constexpr const char* kNetworkHold = "/run/network/hold";
inline constexpr const char* kDhcpPid = "/run/sonde/network.pid";
inline constexpr const char* kClockPid = "/run/sonde/clock.pid";
/// The remote shell runs while its host key is there.
inline constexpr const char* kShellHostKey = "/run/sonde/shell/host_key";
inline constexpr const char* kKeptHostKey = "/data/ssh/host_key";
/// The keys that somebody let in for it.
inline constexpr const char* kKeysInUse = "/run/sonde/shell/accepted_keys";
inline constexpr const char* kKeptKeys = "/data/ssh/accepted_keys";
inline constexpr const char* kAuthorizedKeys = "/run/root/.ssh/authorized_keys";
inline constexpr const char* kNetwork = "/run/network";
inline constexpr const char* kMedium = "/run/medium";
/// How the system that wrote an upgrade was connected.
inline constexpr const char* kReachBefore = "/data/reach-before-upgrade";
inline constexpr const char* kUser = "sonde";

}  // namespace sonde::host
