#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sonde {

/// The remote shell (dropbear) for those who hold a key of the configuration: as root, like the console's; no
/// passwords, nothing forwarded. The firewall decides from where. init runs it while its files are there; this writes
/// and removes them. Root; the root helper's main thread.
class HostShell {
 public:
  /// Lets in whoever holds one of the keys; without keys nobody, and the port is closed. Who came in with a key that is
  /// gone is sent away. Throws Error.
  void apply(std::span<const std::string> keys);
  std::size_t keys() const { return keys_; }
  /// Of the host's own key, "SHA256:..."; empty = there is no remote shell.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  void take_host_key();

  std::size_t keys_ = 0;
  std::string fingerprint_;
};

}  // namespace sonde
