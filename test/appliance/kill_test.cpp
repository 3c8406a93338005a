// What the node has announced survives its sudden death.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/base/random.h"
#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr int kTests = 20;
const int kOffset = own_port_offset();

/// Hears the node's event stream and remembers the id of every Result that it announces.
class Listener {
 public:
  explicit Listener(const std::string& data) {
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (data + "/sonde.sock").c_str(), sizeof address.sun_path - 1);
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const std::string request = "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    REQUIRE(write(socket_, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
    thread_ = std::thread([this] { listen(); });
  }
  ~Listener() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  std::set<std::string> announced() const {
    const std::lock_guard lock(mutex_);
    return announced_;
  }

 private:
  void listen() {
    std::string text;
    char block[4096];
    for (ssize_t n; (n = read(socket_, block, sizeof block)) > 0;) {
      text.append(block, static_cast<std::size_t>(n));
      for (std::size_t end; (end = text.find("\n\n")) != std::string::npos; text.erase(0, end + 2))
        take(text.substr(0, end));
    }
  }
  void take(const std::string& event) {
    const auto data = event.find("data: ");
    if (event.find("event: result") == std::string::npos || data == std::string::npos) return;
    const JsonParsed parsed = parse_json(event.substr(data + 6));
    const Json* id = parsed.value ? parsed.value->find("id") : nullptr;
    if (id == nullptr) return;
    const std::lock_guard lock(mutex_);
    announced_.insert(id->text);
  }

  int socket_ = -1;
  mutable std::mutex mutex_;
  std::set<std::string> announced_;  // guarded by mutex_
  std::thread thread_;
};

/// Every stored Result's id with how often it is there.
std::map<std::string, int> stored(const RunningNode& node) {
  std::map<std::string, int> ids;
  std::string next = "/results?limit=1000";
  while (!next.empty()) {
    const Json page = node.get(next);
    for (const Json& item : page.find("items")->items) ++ids[item.find("id")->text];
    const Json* more = page.find("next");
    next = more != nullptr && more->kind == Json::Kind::text ? "/results?limit=1000&before=" + more->text : "";
  }
  return ids;
}

void add_tests(const RunningNode& node) {
  for (int i = 0; i < kTests; ++i) {
    JsonWriter json;
    json.begin_object()
        .field("title", "load " + std::to_string(i))
        .field("probe", "ping")
        .field("peer", "self")
        .field("family", "IPv4");
    json.key("schedule")
        .begin_object()
        .field("kind", "every")
        .field("period", "1 s")
        .field("spread", "0 s")
        .end_object();
    json.key("options")
        .begin_object()
        .field("count", "2")
        .field("interval", "10ms")
        .field("loss_threshold", "1s")
        .field("size", "64")
        .end_object();
    const LocalAnswer answer = node.ask("POST", "/api/v1/tests", json.end_object().text());
    INFO(answer.body);
    REQUIRE(answer.status == 201);
  }
}

int kills() {
  const char* many = std::getenv("SONDE_TEST_LONG");
  return many != nullptr && *many != '\0' ? 200 : 20;
}

}  // namespace

TEST_CASE("every Result that was announced is there after kill -9, once", "[slow]") {
  const TemporaryFolder folder;
  const std::string data = folder / "data";
  const auto random = seeded_random(20261121);
  std::set<std::string> announced;
  auto node = std::make_unique<RunningNode>(data, kOffset);
  add_tests(*node);
  for (int round = 0; round < kills(); ++round) {
    {
      const Listener listener(data);
      // The moment is random, but some load must have been announced by then.
      const auto moment = 500ms + std::chrono::milliseconds(random->below(1500));
      std::this_thread::sleep_for(moment);
      node->kill();
      announced.merge(listener.announced());
    }
    node = std::make_unique<RunningNode>(data, kOffset);
    const auto ids = stored(*node);
    for (const std::string& id : announced) {
      INFO("round " << round << ", result " << id);
      REQUIRE(ids.contains(id));
      REQUIRE(ids.at(id) == 1);
    }
  }
  INFO(announced.size() << " Results announced over " << kills() << " kills");
  CHECK(announced.size() >= static_cast<std::size_t>(kills() * kTests / 4));
  CHECK(node->terminate() == 0);
}
