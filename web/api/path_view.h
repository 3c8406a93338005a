#pragma once

#include <string>
#include <vector>

#include "core/judge/judge.h"
#include "web/view.h"

namespace sonde::web {

struct PathDirection {
  Direction direction = Direction::none;
  std::string test;
  Judged judged;
};

/// One (own address, peer, family) with what its tests say of it.
struct PathView {
  std::string id, domain;
  Peer peer;
  Family family = Family::v4;
  std::vector<const TestSpec*> tests;  ///< of the snapshot's configuration
  std::vector<PathDirection> directions;
  PathState state = PathState::unknown;
  std::optional<UtcTime> since, updated;
  double badness = 0;
  std::string sentence;
  std::string own_address, remote_address;
  bool same_clock = false;
};

/// What the overview groups by: the host name without its first label, of a peer
/// that is an address the one that it was given; nothing for bare names.
std::string domain_of(const Peer& peer);

/// How the newest Results of a test stand against its own normal. A run that failed before any packet is bad; a test
/// about this node, which has no normal, is good once it is done.
PathState test_state(const Judge& judge, const Snapshot& now, const TestSpec& spec);

/// All paths, worst first. Self-checks are no paths.
std::vector<PathView> paths_of(const Judge& judge, const Snapshot& now);
/// "3 of 42 paths are worse than usual; the worst is ...".
std::string paths_sentence(const std::vector<PathView>& paths);

/// Is it me or the network?
struct PathVerdict {
  std::string verdict;  ///< "nothing wrong", "network", "this node", "unclear", "unknown"
  std::string sentence;
  std::vector<std::string> evidence;
};
PathVerdict me_or_network(const PathView& path, const std::vector<PathView>& all, const Snapshot& now);

}  // namespace sonde::web
