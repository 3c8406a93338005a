#include "probes/owamp/session_store.h"

namespace sonde::owamp {

void SessionStore::add(const IpAddress& peer, FetchReply reply, SteadyTime now) {
  tidy(now);
  const auto records = reply.records.size();
  const amp::Sid sid = reply.request.sid;
  if (kept_.try_emplace(sid, Kept{peer.source(), std::move(reply), now + kKept}).second) admission_.keep(records);
}

FetchReply SessionStore::fetch(const IpAddress& peer, const FetchSession& asked) {
  const auto found = kept_.find(asked.sid);
  if (found == kept_.end() || found->second.source != peer.source())
    return {amp::Accept::rejected, false, 0, {}, {}, {}};
  if (asked.begin == 0 && asked.end == UINT32_MAX) {
    FetchReply reply = std::move(found->second.reply);
    admission_.forget(reply.records.size());
    kept_.erase(found);
    return reply;
  }
  FetchReply part = found->second.reply;
  std::erase_if(part.records,
                [&](const Record& record) { return record.sequence < asked.begin || record.sequence > asked.end; });
  return part;
}

void SessionStore::tidy(SteadyTime now) {
  std::erase_if(kept_, [&](const auto& entry) {
    const Kept& kept = entry.second;
    if (kept.until > now) return false;
    admission_.forget(kept.reply.records.size());
    return true;
  });
}

}  // namespace sonde::owamp
