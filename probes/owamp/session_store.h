#pragma once

#include <map>

#include "probes/owamp/admission.h"

namespace sonde::owamp {

/// Sessions that were received and wait to be fetched, by the source that asked for them and nobody else.
/// Each is forgotten once it was fetched whole, or ten minutes after its end. Used by one loop.
class SessionStore {
 public:
  static constexpr Duration kKept = std::chrono::minutes{10};
  explicit SessionStore(Admission& admission) : admission_(admission) {}

  void add(const IpAddress& peer, FetchReply reply, SteadyTime now);
  /// What a Fetch-Session of that peer gets; refused where there is no such session for it.
  FetchReply fetch(const IpAddress& peer, const FetchSession& asked);
  /// Forgets what is too old.
  void tidy(SteadyTime now);
  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    IpAddress source;
    FetchReply reply;
    SteadyTime until{};
  };
  Admission& admission_;
  std::map<amp::Sid, Kept> kept_;
};

}  // namespace sonde::owamp
