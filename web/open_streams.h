#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace sonde::web {

/// The event streams that are open, counted against their limits. A thread of its own watches their sockets and
/// asks those to stop whose clients have left. Safe to use from any thread.
class OpenStreams {
 public:
  enum class Verdict { admitted, too_many, too_many_from_source };

  OpenStreams(unsigned most, unsigned most_per_source);
  ~OpenStreams();

  /// A place among the open streams, given back on destruction. `socket` must stay open as long.
  class Place {
   public:
    Place(OpenStreams& streams, std::string source, int socket);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Verdict verdict() const { return verdict_; }
    std::stop_token gone() const { return stop_.get_token(); }
    void leave() { stop_.request_stop(); }

   private:
    friend class OpenStreams;
    OpenStreams& streams_;
    const std::string source_;  // empty: not limited by source
    const int socket_;
    Verdict verdict_ = Verdict::admitted;
    std::stop_source stop_;
  };

  /// Asks all streams to stop and admits no more.
  void close();
  unsigned count() const;

 private:
  Verdict enter(Place& place);
  void leave(Place& place);
  void watch(std::stop_token stop);

  const unsigned most_, most_per_source_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Place*> places_;  // guarded by mutex_
  bool closed_ = false;       // guarded by mutex_
  std::jthread watcher_;
};

}  // namespace sonde::web
