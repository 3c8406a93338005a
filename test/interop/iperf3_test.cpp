// Our throughput client and server against Debian's iperf3, in both roles, in a namespace of their own.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/base/json.h"
#include "core/net/linux_socket.h"
#include "test/interop/program.h"
#include "test/probes/throughput/real_ends.h"
#include "test/support/namespaces.h"

extern char** environ;

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kOurs = 5301, kTheirs = 5302;
constexpr const char* kRun = "LD_LIBRARY_PATH=" SONDE_IPERF3_LIBRARIES " " SONDE_IPERF3 " ";

/// The sentence that says why nothing can be tested here, or empty.
std::string why_not() {
  if (const auto why = why_no_namespaces()) return *why;
  if (!std::filesystem::exists(SONDE_IPERF3))
    return "iperf3 is not unpacked in build/peers: scripts/setup --tests does that";
  return {};
}

/// Runs `what` where nobody else's ports are; says why not where that cannot be.
void in_namespace(const std::function<void()>& what) {
  if (const std::string why = why_not(); !why.empty()) {
    WARN(why);
    return;
  }
  const NetworkNamespace here("iperf3");
  here.run(what);
}

bool listens(std::uint16_t port) {
  char wanted[16];
  std::snprintf(wanted, sizeof wanted, ":%04X ", port);
  for (const char* table : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);)
      if (line.find(wanted) != std::string::npos && line.find(" 0A ") != std::string::npos) return true;
  }
  return false;
}

/// iperf3 -s, until the end of the test.
class TheirServer {
 public:
  explicit TheirServer(const std::string& more = {}) {
    const std::string command =
        std::string("exec env ") + kRun + "-s -p " + std::to_string(kTheirs) + " " + more + " > /dev/null 2>&1";
    const char* const words[] = {"sh", "-c", command.c_str(), nullptr};
    REQUIRE(::posix_spawnp(&pid_, "sh", nullptr, nullptr, const_cast<char**>(words), environ) == 0);
    for (int i = 0; i < 500 && !listens(kTheirs); ++i) std::this_thread::sleep_for(10ms);
    REQUIRE(listens(kTheirs));
  }
  ~TheirServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

/// With several streams 3.12 writes the sizes of the buffers once a stream, into one object: no JSON that we take.
std::string without_repeated_names(const std::string& document) {
  std::istringstream in(document);
  std::string out;
  for (std::string line; std::getline(in, line);)
    if (line.find("\"sock_bufsize\"") == std::string::npos && line.find("buf_actual\"") == std::string::npos)
      out += line + '\n';
  return out;
}

/// What `iperf3 -c` says as JSON.
Json their_client(const std::string& options, const std::string& host = "127.0.0.1") {
  const std::string text = output_of(std::string("timeout 40 env ") + kRun + "-c " + host + " -p " +
                                     std::to_string(kOurs) + " --json " + options);
  JsonParsed parsed = parse_json(without_repeated_names(text));
  INFO(text);
  REQUIRE(parsed.value);
  return *parsed.value;
}

std::string error_of(const Json& document) {
  const Json* error = document.find("error");
  return error ? error->text : "";
}

double bytes_of(const Json& document, const char* sum) {
  const Json* found = document.find("end")->find(sum);
  return found ? found->find("bytes")->number : -1;
}

Options words(const std::string& text) {
  Options options;
  std::istringstream in(text);
  for (std::string word; in >> word;) options[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  return options;
}

double value_of(const Result& result, std::string_view key, Direction direction) {
  for (const Statistic& one : result.statistics)
    if (one.metric->key == key && one.direction == direction) return one.value.value_or(-1);
  return -1;
}

void check_our_run(const RealRun& run, const std::string& options) {
  INFO(options << ": " << run.result.sentence);
  CHECK(run.result.outcome == Outcome::done);
  for (const Direction direction : {Direction::forward, Direction::reverse}) {
    const double sent = value_of(run.result, "throughput.octets_sent", direction);
    if (sent < 0) continue;
    CHECK(sent > 0);
    const double received = value_of(run.result, "throughput.octets_received", direction);
    const bool omitted = options.find("omit") != std::string::npos;
    if (omitted)
      CHECK(received == Approx(sent).epsilon(0.2));  // the two ends begin to count at different moments
    else
      CHECK(received == sent);
    CHECK(value_of(run.result, "throughput.rate", direction) > 0);
  }
}

}  // namespace

TEST_CASE("our client measures through a real iperf3 server, and the octets of both ends agree") {
  in_namespace([] {
    // One server a run: a 3.12 that has just ended a test may still say that it is busy.
    const auto run = [](const IpAddress& address, const std::string& options, std::uint8_t dscp = 0) {
      const TheirServer server;
      check_our_run(run_client(address, kTheirs, words(options), dscp), options);
    };
    const auto v4 = IpAddress::loopback(Family::v4), v6 = IpAddress::loopback(Family::v6);
    for (const std::string options :
         {"duration=1s", "duration=1s parallel=4", "octets=20000000", "blocks=300 length=8000",
          "duration=1s window=65536", "duration=1s mss=1000 congestion=reno", "duration=1s omit=1s",
          "duration=1s rate=50e6", "duration=1s direction=reverse", "duration=1s direction=reverse parallel=3",
          "octets=20000000 direction=reverse", "duration=1s direction=both parallel=2"})
      run(v4, options, 8);
    for (const std::string options :
         {"protocol=udp rate=20e6 duration=1s", "protocol=udp rate=100e6 blocks=500 length=1000",
          "protocol=udp rate=10e6 duration=1s direction=reverse parallel=2",
          "protocol=udp rate=5e6 duration=1s direction=both"})
      run(v4, options);
    run(v6, "duration=1s");
    run(v6, "protocol=udp rate=10e6 duration=1s");
  });
}

TEST_CASE("a real iperf3 client measures through our server, and the octets of both ends agree") {
  in_namespace([] {
    const RealServer server({IpAddress::any(Family::v4), kOurs}, RealServer::everything());
    for (const std::string options : {"-t 1", "-t 1 -P 4", "-n 20M", "-k 300 -l 8000", "-t 1 -w 64K",
                                      "-t 1 -M 1000 -C reno -S 0x20 -N", "-t 1 -b 50M", "-t 1 --get-server-output",
                                      "-u -t 1 -b 20M", "-u -b 100M -k 500 -l 1000 --udp-counters-64bit"}) {
      const Json document = their_client(options);
      INFO(options);
      CHECK(error_of(document).empty());
      CHECK(bytes_of(document, "sum_received") > 0);
      CHECK(bytes_of(document, "sum_received") == bytes_of(document, "sum_sent"));
    }
    // iperf3's client does not count what arrives once it has said that the test is over.
    for (const std::string options : {"-t 1 -O 1", "-t 1 -R", "-t 1 -R -P 3", "-n 20M -R", "-t 1 --bidir -P 2",
                                      "-u -t 1 -b 10M -R -P 2", "-u -t 1 -b 5M --bidir"}) {
      const Json document = their_client(options);
      INFO(options);
      CHECK(error_of(document).empty());
      CHECK(bytes_of(document, "sum_received") > 0);
      CHECK(bytes_of(document, "sum_sent") > 0);
    }
  });
}

TEST_CASE("a real iperf3 client reaches our server over IPv6") {
  in_namespace([] {
    const RealServer server({IpAddress::any(Family::v6), kOurs}, RealServer::everything());
    REQUIRE(server.error().empty());
    const Json tcp = their_client("-6 -t 1", "::1"), udp = their_client("-6 -u -t 1 -b 10M", "::1");
    CHECK(bytes_of(tcp, "sum_received") == bytes_of(tcp, "sum_sent"));
    CHECK(bytes_of(udp, "sum_received") == bytes_of(udp, "sum_sent"));
  });
}

TEST_CASE("busy is told in both roles, and costs the running test nothing") {
  in_namespace([] {
    const auto address = IpAddress::loopback(Family::v4);
    const RealServer ours({IpAddress::any(Family::v4), kOurs}, RealServer::everything());
    {
      RealRun first;
      std::jthread running([&] { first = run_client(address, kOurs, words("duration=3s")); });
      std::this_thread::sleep_for(1s);
      CHECK(error_of(their_client("-t 1")).find("the server is busy running a test") != std::string::npos);
      running.join();
      check_our_run(first, "beside a refused one");
    }
    const TheirServer theirs;
    RealRun first;
    std::jthread running([&] { first = run_client(address, kTheirs, words("duration=3s")); });
    std::this_thread::sleep_for(1s);
    const RealRun second = run_client(address, kTheirs, words("duration=1s"));
    CHECK(second.result.outcome == Outcome::busy);
    CHECK(second.result.sentence.find("was busy") != std::string::npos);
  });
}

TEST_CASE("a refused iperf3 client hears why, and a limit of a real server is a failure that says so") {
  in_namespace([] {
    const RealServer ours({IpAddress::any(Family::v4), kOurs}, {true, 100, 5, 2, 1000, 1'000'000'000'000, "small"});
    CHECK(error_of(their_client("-t 6")).find("test duration too long") != std::string::npos);
    CHECK(error_of(their_client("-t 1 -P 3")).find("number of parallel streams too large") != std::string::npos);
    CHECK(error_of(their_client("-t 0 -n 0")) != "");
    const TheirServer limited("--server-bitrate-limit 1M");
    const RealRun run = run_client(IpAddress::loopback(Family::v4), kTheirs, words("duration=2s rate=50e6"));
    CHECK(run.result.outcome == Outcome::failed);
    CHECK(run.result.sentence.find("a limit on rate") != std::string::npos);
  });
}

TEST_CASE("clients that stall or talk nonsense keep no iperf3 client waiting") {
  in_namespace([] {
    const RealServer ours({IpAddress::any(Family::v4), kOurs}, RealServer::everything());
    std::vector<Descriptor> stalled;
    for (const std::string& said :
         {std::string(), std::string("GET / HTTP/1.0\r\n\r\n"), std::string(37, 'c'), std::string(200, '\xff')}) {
      Descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const SocketAddress to = to_socket_address({IpAddress::loopback(Family::v4), kOurs});
      REQUIRE(::connect(fd.get(), to.get(), to.length) == 0);
      REQUIRE(::send(fd.get(), said.data(), said.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(said.size()));
      stalled.push_back(std::move(fd));
    }
    const Json document = their_client("-t 1");
    CHECK(error_of(document).empty());
    CHECK(bytes_of(document, "sum_received") > 0);
  });
}
