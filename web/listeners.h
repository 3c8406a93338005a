#pragma once

#include <string>

#include "web/server.h"

namespace sonde::web {

/// Throws Error with a sentence for the operator when that address and port cannot be bound now.
void check_can_listen(const ListenOn& where);

/// The command line's socket in the file system, made in three steps so that nobody else can connect in between:
/// bound in a folder of mode 0700, set to 0600, renamed to where it belongs. Removed on destruction.
class SocketFile {
 public:
  /// Throws Error when another process answers there or the folder cannot be written.
  explicit SocketFile(std::string path);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  /// Where to bind: short, and without the commas that CivetWeb would take for a list.
  std::string bind_path() const;
  /// Once bound and listening.
  void publish();

 private:
  std::string path_, folder_;
  int folder_descriptor_ = -1;
  bool published_ = false;
};

}  // namespace sonde::web
