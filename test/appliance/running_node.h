#pragma once

#include <sys/types.h>

#include <string>

#include "appliance/local_client.h"
#include "core/base/json.h"

namespace sonde::test {

/// For --port-offset: another one for each of the processes that run tests side by side.
int own_port_offset();

/// The real executable, listening at one address only, with ports moved so that several may run. Ends with the object.
class RunningNode {
 public:
  /// Waits until its socket answers; throws Error with what it wrote when it does not within 30 s.
  /// Runs in the network namespace of the calling thread.
  RunningNode(std::string data, int port_offset, const std::string& listen = "127.0.0.1");
  ~RunningNode();
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

  void kill();      ///< as a power cut of the process: SIGKILL, waited for
  int terminate();  ///< SIGTERM, waited for; the exit code
  pid_t pid() const { return pid_; }
  const std::string& data() const { return data_; }
  /// The parsed answer of GET /api/v1 + path; fails the test on anything but 2xx.
  Json get(const std::string& path) const;
  LocalAnswer ask(const std::string& method, const std::string& path, const std::string& json = {}) const;
  std::string output() const;  ///< what it wrote so far

 private:
  int wait();
  std::string data_, output_file_;
  pid_t pid_ = -1;
};

struct Ran {
  int code = -1;
  std::string said;  ///< on both outputs
};
/// What the shell makes of it. Fails the test when there is no shell.
Ran run(const std::string& command);
/// The real executable with these words behind it.
Ran sonde_command(const std::string& words);

}  // namespace sonde::test
