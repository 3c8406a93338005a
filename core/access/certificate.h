#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace sonde {

/// The certificate that the page is served with: self-made (P-256) with the node's names and addresses, or one that an
/// operator uploaded. Files in one folder: web.key (0600, made once, kept), web.pem (self-made), web.uploaded.pem.
/// Safe to call from any thread.
class Certificate {
 public:
  struct Info {
    std::string fingerprint;  ///< SHA-256, "AB:CD:..."
    bool self_made = true;
    std::vector<std::string> names;
    UtcTime not_before{}, not_after{};
  };
  /// `built` = notBefore of what is made here: clocks may be wrong. Throws Error when the folder cannot be written.
  Certificate(std::filesystem::path folder, UtcTime built);

  /// Makes key and certificate where missing, and the self-made certificate anew when `names` (host names and
  /// addresses) has one that it lacks or its end is nearer than 30 days. True = the file in use is another one now.
  bool renew(std::vector<std::string> names, UtcTime now);
  std::filesystem::path certificate_file() const;
  std::filesystem::path key_file() const { return folder_ / "web.key"; }
  Info info() const;
  /// A signing request (PEM) for the node's key and these names.
  std::string signing_request(const std::vector<std::string>& names) const;
  /// Takes an uploaded chain (PEM, own certificate first) that belongs to the node's key. Empty = it is in use;
  /// else the sentence that refuses it.
  std::string use(std::string_view pem, UtcTime now);
  /// Back to the self-made one.
  void forget_uploaded();

 private:
  void make(const std::vector<std::string>& names, UtcTime now) const;
  std::filesystem::path folder_;
  UtcTime built_;
  mutable std::mutex mutex_;
};

}  // namespace sonde
