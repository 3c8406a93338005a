#pragma once

#include <cstdio>
#include <string>

namespace sonde::test {

/// What a shell command prints; empty where it cannot be run. Its errors are not shown.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(("( " + command + " ) 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return text;
  char part[4096];
  for (std::size_t n = 0; (n = fread(part, 1, sizeof part, pipe)) > 0;) text.append(part, n);
  pclose(pipe);
  return text;
}

}  // namespace sonde::test
