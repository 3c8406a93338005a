#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sonde::test {

/// Why this process cannot make network namespaces: a sentence for whoever reads the test's output.
std::optional<std::string> why_no_namespaces();

/// Runs "ip" with these words; throws Error when it fails.
void run_ip(const std::vector<std::string>& words);

/// A network namespace with a name of its own and its loopback interface up. Removed with the object.
class NetworkNamespace {
 public:
  explicit NetworkNamespace(const std::string& hint);
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;
  const std::string& name() const { return name_; }
  /// Runs `what` on a thread inside and waits for it; what it throws is thrown here. Sockets opened there stay inside.
  void run(const std::function<void()>& what) const;
  /// "ip -n NAME words..."
  void ip(std::vector<std::string> words) const;

 private:
  std::string name_;
};

/// Moves the calling thread into the namespace for good.
void enter_namespace(const std::string& name);

}  // namespace sonde::test
