// TCP and UDP throughput between two namespaces joined by a veth pair: ours at both ends, ours against iperf3, iperf3
// at both ends, in turn; the median of ten rounds of two seconds. CPU is that of the processes at both ends.
#include <netinet/in.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/base/json.h"
#include "test/bench/throughput_pacing.h"
#include "test/interop/program.h"
#include "test/probes/throughput/real_ends.h"
#include "test/support/namespaces.h"

extern char** environ;

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr int kRounds = 10;
constexpr const char* kCongestion = "cubic";  ///< of all ends: what most hosts have; bbr would measure its timers
constexpr std::uint16_t kOurs = 5201, kTheirs = 5202;
const IpAddress kServer = *IpAddress::parse("10.77.0.2");

struct Run {
  double gbps = 0, cpu_per_10_gb = 0, loss = 0;
  double sender_cpu_per_10_gb = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}
double seconds_of(const rusage& use) { return seconds_of(use.ru_utime) + seconds_of(use.ru_stime); }

double own_cpu() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return seconds_of(use);
}

/// iperf3 in a namespace; its CPU time once it has ended.
class Child {
 public:
  Child(const NetworkNamespace& where, const std::string& options) {
    const std::string command = "exec ip netns exec " + where.name() +
                                " env LD_LIBRARY_PATH=" SONDE_IPERF3_LIBRARIES " timeout 30 " SONDE_IPERF3 " " +
                                options;
    const char* const words[] = {"sh", "-c", command.c_str(), nullptr};
    if (const int error = ::posix_spawnp(&pid_, "sh", nullptr, nullptr, const_cast<char**>(words), environ); error != 0)
      throw Error("run", command, error);
  }
  double cpu_at_end() const {
    rusage use{};
    int status = 0;
    ::wait4(pid_, &status, 0, &use);
    return seconds_of(use);
  }

 private:
  pid_t pid_ = 0;
};

Run run_of(double octets, double rate_bps, double cpu) { return {rate_bps / 1e9, cpu * 1e10 / octets}; }

struct Path {
  NetworkNamespace a{"bench-a"}, b{"bench-b"};
  Path() {
    run_ip({"link", "add", "ve0", "netns", a.name(), "type", "veth", "peer", "name", "ve1", "netns", b.name()});
    a.ip({"addr", "add", "10.77.0.1/24", "dev", "ve0"});
    b.ip({"addr", "add", "10.77.0.2/24", "dev", "ve1"});
    a.ip({"link", "set", "ve0", "up"});
    b.ip({"link", "set", "ve1", "up"});
  }
};

Run ours(const Path& path, std::uint16_t port, const Options& options) {
  Run run;
  path.a.run([&] {
    const double before = own_cpu();
    const RealRun real = run_client(kServer, port, options);
    if (real.result.outcome != Outcome::done) throw Error(real.result.sentence);
    double octets = 0, rate = 0;
    for (const Statistic& one : real.result.statistics) {
      if (one.metric->key == "throughput.octets_received") octets += *one.value;
      if (one.metric->key == "throughput.rate") rate += one.value.value_or(0);
      if (one.metric->key == "loss.ratio") run.loss = one.value.value_or(1);
    }
    const double loss = run.loss;
    run = run_of(octets, rate, own_cpu() - before);
    run.loss = loss;
  });
  return run;
}

/// Ours sends, iperf3 receives: rate over both, CPU of our end alone.
Run mixed(const Path& path) {
  const Child server(path.b, "-s -1 -p " + std::to_string(kTheirs) + " > /dev/null");
  std::this_thread::sleep_for(300ms);
  const Run run = ours(path, kTheirs, {{"duration", "2s"}, {"congestion", kCongestion}});
  server.cpu_at_end();
  return run;
}

Run theirs(const Path& path, const std::string& more) {
  const std::string file = std::filesystem::temp_directory_path() / "sonde-bench-iperf3.json";
  const Child server(path.b, "-s -1 -p " + std::to_string(kTheirs) + " > /dev/null");
  std::this_thread::sleep_for(300ms);
  const Child client(path.a, "-c 10.77.0.2 -p " + std::to_string(kTheirs) + " -t 2 --json " + more + " > " + file);
  const double client_cpu = client.cpu_at_end(), cpu = client_cpu + server.cpu_at_end();
  std::ifstream in(file);
  const JsonParsed parsed = parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
  const Json* end = parsed.value ? parsed.value->find("end") : nullptr;
  const Json* sum = end ? end->find("sum_received") : nullptr;
  if (sum == nullptr) throw Error("iperf3 gave no figures");
  Run run = run_of(sum->find("bytes")->number, sum->find("bits_per_second")->number, cpu);
  run.sender_cpu_per_10_gb = client_cpu * 1e10 / sum->find("bytes")->number;
  return run;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2;
}

void print(const char* figure, double value, const char* unit, const char* aim) {
  std::printf("%s\t%.2f%s\t%s\n", figure, value, unit, aim);
  std::fflush(stdout);
}

void bench_tcp(const Path& path) {
  std::vector<double> ours_gbps, theirs_gbps, ratio, mixed_ratio, ours_cpu, theirs_cpu, sender_cpu, their_sender_cpu;
  for (int round = 0; round < kRounds; ++round) {
    const Run mine = ours(path, kOurs, {{"duration", "2s"}, {"congestion", kCongestion}});
    const Run other = theirs(path, std::string("-C ") + kCongestion);
    const Run half = mixed(path);
    ours_gbps.push_back(mine.gbps);
    theirs_gbps.push_back(other.gbps);
    ratio.push_back(mine.gbps / other.gbps);
    mixed_ratio.push_back(half.gbps / other.gbps);
    ours_cpu.push_back(mine.cpu_per_10_gb);
    theirs_cpu.push_back(other.cpu_per_10_gb);
    sender_cpu.push_back(half.cpu_per_10_gb);
    their_sender_cpu.push_back(other.sender_cpu_per_10_gb);
    std::fprintf(stderr, "round %d: ours %.1f, iperf3 %.1f, ours to iperf3 %.1f Gbit/s\n", round + 1, mine.gbps,
                 other.gbps, half.gbps);
  }
  print("TCP, both ends ours", median(ours_gbps), " Gbit/s", "");
  print("TCP, both ends iperf3 3.12", median(theirs_gbps), " Gbit/s", "");
  print("TCP, ours / iperf3", median(ratio), "", ">= 1.5");
  print("TCP, CPU per 10 GB, both ends ours", median(ours_cpu), " s", "<= 0.4");
  print("TCP, CPU per 10 GB, both ends iperf3 3.12", median(theirs_cpu), " s", "");
  print("TCP, ours to iperf3 / iperf3", median(mixed_ratio), "", ">= 0.95");
  print("TCP, CPU per 10 GB of our sender / iperf3's sender", median(sender_cpu) / median(their_sender_cpu), "",
        "<= 1");
}

void bench_udp(const Path& path) {
  std::vector<double> gbps, cpu, loss;
  for (int round = 0; round < kRounds; ++round) {
    const Run run = ours(path, kOurs, {{"duration", "2s"}, {"protocol", "udp"}, {"rate", "10.5e9"}});
    gbps.push_back(run.gbps);
    cpu.push_back(run.cpu_per_10_gb);
    loss.push_back(100 * run.loss);
    std::fprintf(stderr, "UDP round %d: %.2f Gbit/s, %.3f %% lost\n", round + 1, run.gbps, 100 * run.loss);
  }
  print("UDP 1448 octets at 10.5 Gbit/s, received", median(gbps), " Gbit/s", ">= 10");
  print("UDP 1448 octets at 10.5 Gbit/s, lost", median(loss), " %", "<= 0");
  print("UDP, CPU per 10 GB, both ends ours", median(cpu), " s", "<= 2");
}

}  // namespace

int main() {
  try {
    if (const auto why = why_no_namespaces()) throw Error(*why);
    const Path path;
    std::unique_ptr<RealServer> server;
    path.b.run([&] {
      server = std::make_unique<RealServer>(Endpoint{IpAddress::any(Family::v4), kOurs}, RealServer::everything());
    });
    bench_tcp(path);
    bench_udp(path);
    print("UDP pacing at 1 Gbit/s, p99 of 1 ms / target", pacing_p99(path.a, path.b, kServer), "", "<= 1.1");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
