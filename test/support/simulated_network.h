#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "test/support/simulated_world.h"

// Private to simulated_world.cpp, simulated_network.cpp and simulated_stream.cpp.
namespace sonde::test {

class SimulatedNetwork;

/// Something a loop watches: it is marked when its state may have become ready, and asked at the next wait.
struct Watched {
  virtual ~Watched();
  virtual Ready ready() const = 0;
  void mark();
  SimulatedNetwork* network = nullptr;
  std::uint64_t token = 0;
  bool watched = false, marked = false, wants_write = false;
};

struct Packet {
  Endpoint from, to;
  bool icmp = false;
  int hop_limit = 255, traffic_class = 0;
  Bytes payload;
};

class SimulatedSocket final : public PacketSocket, public Watched {
 public:
  SimulatedSocket(SimulatedHost& host, const PacketOptions& options, bool icmp);
  ~SimulatedSocket() override;
  Endpoint local() const override { return local_; }
  std::size_t send(std::span<const Outgoing> batch) override;
  int error() const override { return error_; }
  int keep_to(const Endpoint& peer) override;
  std::span<const Datagram> receive() override;
  std::span<const TransmitStamp> transmit_stamps() override;
  std::uint64_t dropped_here() const override { return dropped_; }
  std::uint16_t echo_identifier() const override { return icmp_ ? local_.port : std::uint16_t{0}; }
  Ready ready() const override;

  bool icmp() const { return icmp_; }
  bool hears(const Endpoint& from) const { return peer_.port == 0 || peer_ == from; }
  void arrive(Packet packet);
  void arrive_error(const Packet& sent, const IpAddress& reporter, int error, int type, int code);
  void drop() { ++dropped_; }

 private:
  struct Waiting {
    Bytes payload;
    Datagram about;
  };
  SimulatedHost& host_;
  PacketOptions options_;
  Endpoint local_, peer_;  // peer_ port 0 = anybody
  bool icmp_;
  int error_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint32_t sent_ = 0;
  std::deque<Waiting> waiting_;
  std::vector<Waiting> current_;
  std::vector<Datagram> current_views_;
  std::vector<TransmitStamp> stamps_, read_stamps_;
};

class SimulatedStream;

/// One end of a connection as the network sees it: lives on while bytes are under way.
struct StreamEnd {
  SimulatedHost* host = nullptr;
  Endpoint local, peer;
  Stream::State state = Stream::State::connecting;
  std::string reason;
  Bytes incoming;
  std::size_t unread = 0;       // bytes sent to this end and not read yet: the window
  bool ended = false;           // the other end closed; what is in `incoming` still counts
  std::deque<Bytes> under_way;  // an empty piece = the end
  std::int64_t last_arrival = 0;
  SimulatedStream* handle = nullptr;  // null before it is accepted and after its owner let go
  bool released = false;              // its owner let go
  std::weak_ptr<StreamEnd> other;
};

class SimulatedStream final : public Stream, public Watched {
 public:
  explicit SimulatedStream(std::shared_ptr<StreamEnd> end);
  ~SimulatedStream() override;
  State state() const override;
  std::string reason() const override { return end_->reason; }
  Endpoint local() const override { return end_->local; }
  Endpoint peer() const override { return end_->peer; }
  std::size_t write(std::span<const std::byte> data) override;
  std::span<const std::byte> read() override;
  Ready ready() const override;

 private:
  std::shared_ptr<StreamEnd> end_;
  Bytes current_;
};

class SimulatedListener final : public Listener, public Watched {
 public:
  SimulatedListener(SimulatedHost& host, const Endpoint& at);
  ~SimulatedListener() override;
  Endpoint local() const override { return local_; }
  std::unique_ptr<Stream> accept() override;
  Ready ready() const override { return {token, !waiting.empty(), false}; }
  std::deque<std::shared_ptr<StreamEnd>> waiting;

 private:
  SimulatedHost& host_;
  Endpoint local_;
};

class SimulatedNetwork final : public Network {
 public:
  explicit SimulatedNetwork(SimulatedHost& host) : host_(host) {}
  std::unique_ptr<PacketSocket> open_udp(const PacketOptions& options) override;
  std::unique_ptr<PacketSocket> open_icmp(const PacketOptions& options) override;
  std::unique_ptr<Stream> connect(const Endpoint& to, const IpAddress& from,
                                  const StreamOptions& options = {}) override;
  std::unique_ptr<Listener> listen(const Endpoint& at) override;
  std::vector<InterfaceState> interfaces() override;
  std::optional<IpAddress> source_for(const IpAddress& to) override;
  void watch(PacketSocket& socket, std::uint64_t token) override;
  void watch(Stream& stream, std::uint64_t token, bool want_write) override;
  void watch(Listener& listener, std::uint64_t token) override;
  void unwatch(Stream& stream) override;
  std::span<const Ready> wait(SteadyTime until) override;
  void wake() override;

  bool anything_ready() const;
  std::vector<Watched*> marked;
  SimulatedHost& host() { return host_; }

 private:
  void watch(Watched& what, std::uint64_t token, bool want_write);
  SimulatedHost& host_;
  std::vector<Ready> ready_;
};

struct SimulatedHost::Impl {
  SimulatedWorld& world;
  std::string name;
  std::vector<IpAddress> addresses;
  SimulatedClock clock;
  SimulatedHost* self = nullptr;
  std::vector<InterfaceState> interfaces;
  std::vector<SimulatedSocket*> sockets;
  std::map<Endpoint, SimulatedListener*> listeners;
  std::set<std::shared_ptr<StreamEnd>> streams;
  std::uint16_t next_port = 32768;
  bool touched = false;
  struct Driven {
    const void* loop;
    std::function<SteadyTime()> next;
    std::function<void()> turn;
  };
  std::vector<Driven> driven;
  std::vector<std::unique_ptr<SimulatedNetwork>> networks;
  std::vector<std::unique_ptr<PacketLoop>> loops;

  bool owns(const IpAddress& address) const;
  /// The address a socket bound to `wanted` sends from towards `to`; empty = this host has none of that family.
  std::optional<IpAddress> source(const IpAddress& wanted, const IpAddress& to) const;
  /// Throws Error when the address is not this host's or the port is taken.
  Endpoint bind_socket(const Endpoint& wanted, bool icmp);
  std::uint16_t free_port();
  /// Who hears what `from` sends to `at`.
  SimulatedSocket* find(const Endpoint& at, const Endpoint& from, bool icmp) const;
  void receive(Packet packet);
  void answer_icmp(Packet packet);
};

struct SimulatedWorld::Impl {
  struct Way {
    LinkOptions options;
    std::uint64_t packets = 0;
    std::int64_t last_left = 0;
    std::optional<std::pair<Packet, std::size_t>> held;  // with the index of its truth
    std::uint64_t held_number = 0;
  };
  struct MemoryLog;

  SimulatedWorld& self;
  UtcTime start;
  std::int64_t now = 0;
  std::uint64_t last_event = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events;
  std::unique_ptr<Random> random;
  std::vector<std::unique_ptr<SimulatedHost>> hosts;
  std::map<IpAddress, SimulatedHost*> owners;
  std::map<std::pair<SimulatedHost*, SimulatedHost*>, Way> ways;
  std::vector<Truth> truth;
  bool keep_truth = true;
  std::shared_ptr<MemoryLog> log;

  void at(std::int64_t when, std::function<void()> what);
  SimulatedHost* owner(SimulatedHost& from, const IpAddress& address) const;
  Way& way(SimulatedHost& from, SimulatedHost& to);
  Duration delay(SimulatedHost& from, SimulatedHost& to);
  bool chance(double share) { return share > 0 && random->unit() < share; }
  void transmit(SimulatedHost& from, Packet packet);
  void pass(SimulatedHost& to, Way& way, Packet packet, std::size_t truth_index);
  void deliver_at(std::int64_t when, SimulatedHost& to, const Way& way, Packet packet, std::size_t truth_index);
  void expire(SimulatedHost& from, const Way& way, const Packet& packet);
  std::size_t note(const Packet& packet, Truth::Fate fate);
  bool step(std::int64_t limit);
  void settle();
};

struct SimulatedWorld::Impl::MemoryLog final : public LogSink {
  void write(const LogLine& line) override { lines.push_back(line); }
  std::vector<LogLine> lines;
};

}  // namespace sonde::test
