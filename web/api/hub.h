#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "web/http.h"
#include "web/view.h"

namespace sonde::web {

/// One piece of news; its text is made by the threads of the clients.
struct News {
  enum class Kind : std::uint8_t { snapshot, result, event, live };
  std::uint64_t number = 0;
  Kind kind = Kind::event;
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const Result> result;
  std::shared_ptr<const Event> event;
};

/// Spreads news to the event streams. The node's threads only append a pointer; each client has a bounded queue, and
/// one that falls behind is told to fetch everything anew. Safe to use from any thread.
class Hub {
 public:
  /// `recheck`: how often a stream is asked whether it may go on.
  explicit Hub(Duration recheck = std::chrono::seconds(60));
  void publish(std::shared_ptr<const Snapshot> snapshot);
  void publish(std::shared_ptr<const Result> result);
  void publish(const Event& event);
  /// A step that is not closed yet: a slow client gets only the newest of each test, a returning one none.
  void publish_live(std::shared_ptr<const Result> result);

  /// Serves one client until it leaves or `may_go_on` says no.
  void serve(EventStream& stream, bool sees_all, const std::function<bool()>& may_go_on);
  std::size_t clients() const;

 private:
  struct Client {
    std::deque<std::shared_ptr<const News>> queue;
    bool lost = false;  ///< something did not fit, or the last seen event is not known any more
  };
  void spread(News news);
  void resume(Client& client, std::string_view last_event_id);
  std::string id_of(std::uint64_t number) const { return boot_ + "-" + std::to_string(number); }
  bool write(EventStream& stream, const News& news, bool sees_all) const;
  const std::string boot_;
  const Duration recheck_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t last_ = 0;                          // guarded by mutex_
  std::deque<std::shared_ptr<const News>> recent_;  // guarded by mutex_: what a returning client may have missed
  std::shared_ptr<const News> newest_snapshot_;     // guarded by mutex_
  std::vector<Client*> clients_;                    // guarded by mutex_
};

}  // namespace sonde::web
