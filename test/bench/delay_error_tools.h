#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/support/namespaces.h"

namespace sonde::bench {

/// What the tool's own output says of its packets.
enum class Says {
  lines,   ///< "there|forward SEQ SEND_NS RECEIVE_NS", "slip NS", "cpu SECONDS"
  owping,  ///< what "owping -R" prints
};

/// One tool. In its commands {count} {rate} {interval} {seed} {port} {sent} {raw} are filled in; an empty `serve` means
/// that nothing needs to run at the far end, or that it runs all along.
struct Tool {
  std::string name;
  std::string serve, send;
  Says says = Says::lines;
  pid_t always = 0;  ///< its server, which runs from the first block to the last; 0 = none
};

struct Arrival {
  std::int64_t sent = 0, received = 0;
};

/// What a tool wrote about one block. CPU is 0 and slips are empty where it does not tell.
struct Told {
  std::map<std::uint32_t, Arrival> arrivals;  ///< by sequence number, what arrived only
  std::vector<double> slips_us;
  double cpu = 0;
};
Told read_told(const std::string& path, Says says);

/// A program in a namespace. Ended, if it still runs, with the object. Throws Error when it cannot be started.
class Program {
 public:
  Program(const test::NetworkNamespace& where, std::string command, const std::string& output = "/dev/null");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  /// Waits for its end; its processor seconds from start to end. Throws Error when it failed.
  double wait();
  pid_t pid() const { return pid_; }

 private:
  std::string command_;
  pid_t pid_ = 0;
};

/// Processor seconds of a process that runs, and of its children that have ended.
double cpu_so_far(pid_t pid);

/// The words with {name} replaced by its value.
std::string fill(std::string text, const std::map<std::string, std::string>& values);
bool in_path(const std::string& program);

/// The reference, Sonde's loop as a program of its own where `with_loops`; from the folder of this program.
std::vector<Tool> small_tools(const std::string& folder, bool with_loops);

/// "owampd" of the reference implementation at the far end, and how owping is asked to measure to it.
class Owampd {
 public:
  Owampd(const test::NetworkNamespace& where, const std::string& folder);
  Tool tool() const;

 private:
  std::unique_ptr<Program> program_;
};

}  // namespace sonde::bench
