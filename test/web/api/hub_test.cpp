#include "web/api/hub.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "test/support/fake_node.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

/// A browser that keeps what it gets and leaves after so many events.
class Browser final : public EventStream {
 public:
  explicit Browser(std::size_t leave_after, std::string last = "")
      : leave_after_(leave_after), last_(std::move(last)) {}
  std::stop_token gone() const override { return leave_.get_token(); }
  std::string_view last_event_id() const override { return last_; }
  void leave() { leave_.request_stop(); }
  std::vector<std::string> kinds() const {
    std::vector<std::string> out;
    for (const std::string& text : got) out.push_back(text.substr(7, text.find('\n') - 7));
    return out;
  }
  std::string last_id() const {
    const std::string& text = got.back();
    const auto at = text.find("\nid: ") + 5;
    return text.substr(at, text.find('\n', at) - at);
  }
  std::vector<std::string> got;        // read it once serve() has returned
  std::atomic<std::size_t> count = 0;  // of got, any time
  std::function<void()> before_each = [] {};

 protected:
  bool write(std::string_view text) override {
    before_each();
    got.emplace_back(text);
    count = got.size();
    if (got.size() >= leave_after_) leave_.request_stop();
    return true;
  }

 private:
  std::size_t leave_after_;
  std::string last_;
  std::stop_source leave_;
};

Event event(int number) { return {"e" + std::to_string(number), FakeNode::kNow, "test", "", "Something happened."}; }

void serve(Hub& hub, Browser& browser) {
  hub.serve(browser, true, [] { return true; });
}

}  // namespace

TEST_CASE("a new client gets the newest snapshot at once, and then what happens, in order") {
  Hub hub;
  const FakeNode node;
  hub.publish(event(1));
  hub.publish(node.snapshot());
  hub.publish(node.snapshot());
  Browser browser(3);
  std::jthread client([&] { serve(hub, browser); });
  while (hub.clients() == 0) std::this_thread::yield();
  hub.publish(event(2));
  hub.publish(std::make_shared<const Result>(sample_result("A", "t1")));
  client.join();
  CHECK(browser.kinds() == std::vector<std::string>{"snapshot", "event", "result"});
  CHECK(hub.clients() == 0);
}

TEST_CASE("a client that comes back goes on after the event that it saw last") {
  Hub hub;
  for (int i = 0; i < 10; ++i) hub.publish(event(i));
  Browser first(1, "other-1");
  serve(hub, first);
  CHECK(first.kinds() == std::vector<std::string>{"reset"});
  const std::string seen = first.last_id();
  for (int i = 10; i < 13; ++i) hub.publish(event(i));
  Browser second(3, seen);
  serve(hub, second);
  CHECK(second.kinds() == std::vector<std::string>{"event", "event", "event"});
  CHECK(second.got[0].find("\"e10\"") != std::string::npos);
}

TEST_CASE("one whose last event is not known any more, or never was, is told to fetch everything") {
  Hub hub;
  for (int i = 0; i < 1000; ++i) hub.publish(event(i));
  Browser first(1, "x");
  serve(hub, first);
  const std::string boot = first.last_id().substr(0, 9);
  for (const std::string& last : {boot + "5", boot + "99999", boot, boot + "-1", boot + "1e3",
                                  std::string("00000000-1000"), std::string(5000, '9')}) {
    Browser browser(1, last);
    serve(hub, browser);
    INFO(last.substr(0, 30));
    CHECK(browser.kinds() == std::vector<std::string>{"reset"});
  }
}

TEST_CASE("a slow client loses events but never order, is told so, and keeps nobody waiting") {
  Hub hub;
  const FakeNode node;
  Browser browser(300);
  bool flooded = false;
  browser.before_each = [&] {
    if (std::exchange(flooded, true)) return;
    // while this client is still busy with its first event
    for (int i = 1; i <= 5000; ++i) {
      hub.publish(event(i));
      hub.publish(node.snapshot());
    }
  };
  hub.publish(node.snapshot());
  std::jthread client([&] { serve(hub, browser); });
  while (hub.clients() == 0) std::this_thread::yield();
  while (browser.count < 200 && !browser.closed()) std::this_thread::yield();
  browser.leave();
  client.join();
  const auto kinds = browser.kinds();
  CHECK(std::ranges::count(kinds, "reset") == 1);
  CHECK(std::ranges::count(kinds, "snapshot") <= 3);
  CHECK(kinds.size() <= 260);
}

TEST_CASE("a stream ends when the server stops") {
  Hub hub;
  Browser browser(1000);
  std::jthread client([&] { serve(hub, browser); });
  while (hub.clients() == 0) std::this_thread::yield();
  browser.leave();
  client.join();
  CHECK(hub.clients() == 0);
}

TEST_CASE("a stream ends once its right to go on has ended, and brings nothing after that") {
  Hub hub(Duration::zero());
  std::atomic<bool> allowed = true;
  Browser browser(1000);
  std::jthread client([&] { hub.serve(browser, true, [&] { return allowed.load(); }); });
  while (hub.clients() == 0) std::this_thread::yield();
  hub.publish(event(1));
  while (browser.count == 0) std::this_thread::yield();
  allowed = false;
  hub.publish(event(2));
  client.join();
  CHECK(browser.got.size() == 1);
}
