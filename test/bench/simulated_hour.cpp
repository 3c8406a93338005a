// How much processor time an hour takes in the simulated world: two whole nodes and 36,000 packets of OWAMP each way,
// every number held against the truth as in the tests.
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>

extern char** environ;

int main() {
  char program[] = SONDE_TEST_SCENARIO, story[] = "an hour of OWAMP*";
  char* const arguments[] = {program, story, nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, 2, 1);  // what the test says is no figure
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program, &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage{};
  if (error != 0 || ::wait4(pid, &status, 0, &usage) != pid || status != 0) return 1;
  const double seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  std::printf("CPU of a simulated hour of OWAMP\t%.2f s\t< 2 s\n", seconds);
}
