// loop_sender: what reference_sender does, done by Sonde's own loop: the same words, packets and files.
//
//   loop_sender send ADDRESS PORT COUNT RATE fixed|poisson SEED FILE [WARM_UP_0_OR_1 SPIN_US]
//   loop_sender receive ADDRESS PORT COUNT FILE
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/linux_clock.h"
#include "core/base/random.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Sender final : public Session {
 public:
  Sender(const Endpoint& to, int count, double rate, bool poisson, std::uint64_t seed, std::stop_source& done)
      : to_(to), count_(count), gap_(1e9 / rate), poisson_(poisson), random_(seeded_random(seed)), done_(done) {
    slips.reserve(static_cast<std::size_t>(count));
  }
  void on_start(Now now, Outbox& out) override {
    const auto opened = out.open_udp({.local = {IpAddress::any(to_.address.family()), 0}});
    if (!opened) throw Error(opened.error);
    socket_ = opened.id;
    if (const int error = out.keep_to(socket_, to_)) throw Error("send to", to_.text(), error);
    due_ = now.steady + 100ms;
    begin_ = cpu_seconds();
  }
  SteadyTime next_deadline() const override { return due_; }
  void on_deadline(Now now, Outbox& out) override {
    slips.push_back(now.steady - due_);
    ByteWriter packet;
    packet.u32(static_cast<std::uint32_t>(slips.size() - 1));
    packet.u64(static_cast<std::uint64_t>(now.utc.time_since_epoch().count())).u16(0);
    out.send(socket_, to_, packet.data());
    due_ += Duration{static_cast<std::int64_t>(poisson_ ? -std::log(1 - random_->unit()) * gap_ : gap_)};
    if (static_cast<int>(slips.size()) < count_) return;
    cpu = cpu_seconds() - begin_;
    due_ = kNever;
    done_.request_stop();
  }
  bool paced() const override { return true; }
  std::vector<Duration> slips;
  double cpu = 0;

 private:
  const Endpoint to_;
  const int count_;
  const double gap_;
  const bool poisson_;
  std::unique_ptr<Random> random_;
  std::stop_source& done_;
  SocketId socket_ = 0;
  SteadyTime due_{};
  double begin_ = 0;
};

class Receiver final : public Session {
 public:
  Receiver(const Endpoint& at, int count, std::stop_source& done) : at_(at), count_(count), done_(done) {}
  void on_start(Now now, Outbox& out) override {
    const auto opened = out.open_udp({.local = at_});
    if (!opened) throw Error(opened.error);
    give_up_ = now.steady + 30s;
    begin_ = cpu_seconds();
  }
  SteadyTime next_deadline() const override { return give_up_; }
  void on_deadline(Now, Outbox&) override { end(); }
  void on_datagram(SocketId, const Datagram& datagram, Now now, Outbox&) override {
    ByteReader packet(datagram.payload);
    const auto number = packet.u32();
    const auto sent = packet.u64();
    if (!packet.ok()) return;
    arrivals.push_back({number, sent, datagram.arrival.time_since_epoch().count()});
    give_up_ = now.steady + 3s;
    if (static_cast<int>(arrivals.size()) == count_) end();
  }
  struct Arrival {
    std::uint32_t number;
    std::uint64_t sent;
    std::int64_t received;
  };
  std::vector<Arrival> arrivals;
  double cpu = 0;

 private:
  void end() {
    cpu = cpu_seconds() - begin_;
    give_up_ = kNever;
    done_.request_stop();
  }
  const Endpoint at_;
  const int count_;
  std::stop_source& done_;
  SteadyTime give_up_{};
  double begin_ = 0;
};

/// Runs the session alone on a loop until it asks for the end, and keeps it for `write`.
template <typename Kind, typename Write>
void run(std::unique_ptr<Kind> session, std::stop_source& done, PacketLoopOptions options, Write write) {
  struct Borrowed final : Session {
    explicit Borrowed(Session& real) : real_(real) {}
    void on_start(Now now, Outbox& out) override { real_.on_start(now, out); }
    SteadyTime next_deadline() const override { return real_.next_deadline(); }
    void on_deadline(Now now, Outbox& out) override { real_.on_deadline(now, out); }
    void on_datagram(SocketId id, const Datagram& d, Now now, Outbox& out) override {
      real_.on_datagram(id, d, now, out);
    }
    bool paced() const override { return real_.paced(); }
    Session& real_;
  };
  LinuxClock clock;
  LinuxNetwork network(clock);
  PacketLoop loop(clock, network, Log(stderr_sink(), "loop_sender"), options);
  loop.start(std::make_unique<Borrowed>(*session));
  loop.run(done.get_token());
  write(*session);
}

Endpoint endpoint(char** argv) {
  const auto address = IpAddress::parse(argv[2]);
  if (!address) throw Error(std::string(argv[2]) + " is not an address");
  return {*address, static_cast<std::uint16_t>(std::atoi(argv[3]))};
}

void send(int argc, char** argv) {
  std::stop_source done;
  PacketLoopOptions options;
  if (argc == 11) options = {std::chrono::microseconds{std::atoi(argv[10])}, std::atoi(argv[9]) != 0};
  auto sender = std::make_unique<Sender>(endpoint(argv), std::atoi(argv[4]), std::atof(argv[5]),
                                         std::string(argv[6]) == "poisson", std::atoll(argv[7]), done);
  run(std::move(sender), done, options, [&](const Sender& s) {
    std::ofstream file(argv[8]);
    for (const Duration slip : s.slips) file << "slip " << slip.count() << '\n';
    file << "cpu " << s.cpu << '\n';
  });
}

void receive(char** argv) {
  std::stop_source done;
  auto receiver = std::make_unique<Receiver>(endpoint(argv), std::atoi(argv[4]), done);
  run(std::move(receiver), done, {}, [&](const Receiver& r) {
    std::ofstream file(argv[5]);
    for (const auto& a : r.arrivals) file << "there " << a.number << ' ' << a.sent << ' ' << a.received << '\n';
    file << "cpu " << r.cpu << '\n';
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  try {
    if (word == "send" && (argc == 9 || argc == 11)) {
      send(argc, argv);
    } else if (word == "receive" && argc == 6) {
      receive(argv);
    } else {
      std::cerr << "usage: see the head of loop_sender.cpp\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "loop_sender: " << error.what() << '\n';
    return 1;
  }
}
