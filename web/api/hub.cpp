#include "web/api/hub.h"

#include <algorithm>
#include <charconv>

#include "core/access/secret.h"
#include "web/api/result_json.h"
#include "web/api/snapshot_json.h"

namespace sonde::web {
namespace {

constexpr std::size_t kQueue = 256;
constexpr std::size_t kRecent = 128;  // results carry their packets: this is a few megabytes at most
constexpr std::chrono::seconds kSilence{15};

}  // namespace

Hub::Hub(Duration recheck) : boot_(random_hex(4)), recheck_(recheck) {}

void Hub::publish(std::shared_ptr<const Snapshot> snapshot) {
  spread({.kind = News::Kind::snapshot, .snapshot = std::move(snapshot)});
}

void Hub::publish(std::shared_ptr<const Result> result) {
  spread({.kind = News::Kind::result, .result = std::move(result)});
}

void Hub::publish(const Event& event) {
  spread({.kind = News::Kind::event, .event = std::make_shared<const Event>(event)});
}

void Hub::publish_live(std::shared_ptr<const Result> result) {
  spread({.kind = News::Kind::live, .result = std::move(result)});
}

namespace {

/// Of use only until the next of its kind comes.
bool replaces(const News& later, const News& earlier) {
  if (later.kind != earlier.kind) return false;
  return later.kind == News::Kind::snapshot ||
         (later.kind == News::Kind::live && later.result->test == earlier.result->test);
}

}  // namespace

void Hub::spread(News news) {
  {
    const std::lock_guard lock(mutex_);
    news.number = ++last_;
    const auto shared = std::make_shared<const News>(std::move(news));
    if (shared->kind == News::Kind::snapshot)
      newest_snapshot_ = shared;
    else if (shared->kind != News::Kind::live)
      recent_.push_back(shared);
    if (recent_.size() > kRecent) recent_.pop_front();
    for (Client* client : clients_) {
      std::erase_if(client->queue, [&](const auto& earlier) { return replaces(*shared, *earlier); });
      if (client->queue.size() < kQueue)
        client->queue.push_back(shared);
      else
        client->lost = true;
    }
  }
  changed_.notify_all();
}

/// With mutex_ held: queues what came after the event that the client saw last.
void Hub::resume(Client& client, std::string_view last_event_id) {
  if (newest_snapshot_) client.queue.push_back(newest_snapshot_);
  if (last_event_id.empty()) return;
  const std::string mine = boot_ + "-";
  std::uint64_t seen = 0;
  client.lost = true;
  if (!last_event_id.starts_with(mine)) return;
  const auto digits = last_event_id.substr(mine.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seen);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && seen <= last_;
  // everything before the oldest kept one is gone, unless nothing was dropped yet
  const bool complete = recent_.size() < kRecent || (!recent_.empty() && seen + 1 >= recent_.front()->number);
  if (!whole || !complete) return;
  client.lost = false;
  for (const auto& news : recent_)
    if (news->number > seen) client.queue.push_back(news);
}

void Hub::serve(EventStream& stream, bool sees_all, const std::function<bool()>& may_go_on) {
  Client client;
  std::unique_lock lock(mutex_);
  resume(client, stream.last_event_id());
  clients_.push_back(&client);
  auto checked = std::chrono::steady_clock::now();
  for (bool open = true; open;) {
    const bool news =
        changed_.wait_for(lock, stream.gone(), kSilence, [&] { return !client.queue.empty() || client.lost; });
    if (stream.closed()) break;
    std::deque<std::shared_ptr<const News>> queue = std::move(client.queue);
    client.queue.clear();
    const bool lost = std::exchange(client.lost, false);
    const std::uint64_t now = last_;
    lock.unlock();
    const auto time = std::chrono::steady_clock::now();
    if (time - checked >= recheck_) {
      checked = time;
      open = may_go_on();
    }
    if (open && lost) open = stream.send("reset", id_of(now), "{}");
    for (const auto& each : queue) open = open && write(stream, *each, sees_all);
    if (open && !news) open = stream.comment();
    lock.lock();
  }
  std::erase(clients_, &client);
}

bool Hub::write(EventStream& stream, const News& news, bool sees_all) const {
  switch (news.kind) {
    case News::Kind::snapshot:
      return stream.send("snapshot", id_of(news.number), snapshot_event_json(*news.snapshot, sees_all));
    case News::Kind::result:
      return stream.send("result", id_of(news.number), result_json(*news.result));
    case News::Kind::live:
      return stream.send("live", id_of(news.number), result_json(*news.result));
    case News::Kind::event:
      return stream.send("event", id_of(news.number), event_json(*news.event));
  }
  return true;
}

std::size_t Hub::clients() const {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

}  // namespace sonde::web
