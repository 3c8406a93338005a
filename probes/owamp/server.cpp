#include "probes/owamp/server.h"

#include "probes/owamp/control_server.h"

namespace sonde::owamp {
namespace {

constexpr Duration kListenAgain = std::chrono::seconds{10};
constexpr Duration kTidy = std::chrono::minutes{1};

/// Listens, hands each connection to a ControlServer, and forgets what nobody fetched.
class Server final : public Session {
 public:
  explicit Server(ServerOptions options) : shared_(std::make_shared<ServerShared>(std::move(options))) {}

  void on_start(Now now, Outbox& out) override { listen(now, out); }
  SteadyTime next_deadline() const override { return until_; }

  void on_deadline(Now now, Outbox& out) override {
    if (!listening_) return listen(now, out);
    shared_->store.tidy(now.steady);
    until_ = now.steady + kTidy;
  }

  void on_accepted(ListenerId, StreamId stream, const Endpoint& peer, const Endpoint& local, Now,
                   Outbox& out) override {
    out.start(std::make_unique<ControlServer>(shared_, stream, peer, local), stream);
  }

 private:
  void listen(Now now, Outbox& out) {
    const auto& options = shared_->options;
    const Opened opened = out.listen(options.listen);
    listening_ = static_cast<bool>(opened);
    until_ = now.steady + (listening_ ? kTidy : kListenAgain);
    if (listening_)
      options.log.info("OWAMP server listens", {{"at", opened.local.text()}});
    else if (!told_)
      options.log.error("OWAMP server cannot listen, and tries again every 10 s",
                        {{"at", options.listen.text()}, {"why", opened.error}});
    told_ = !listening_;
    options.listening(opened);
  }

  std::shared_ptr<ServerShared> shared_;
  SteadyTime until_ = kNever;
  bool listening_ = false, told_ = false;
};

}  // namespace

SessionPtr make_server(ServerOptions options) { return std::make_unique<Server>(std::move(options)); }

}  // namespace sonde::owamp
