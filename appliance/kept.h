#pragma once

#include <future>
#include <utility>

namespace sonde {

/// A promise that is kept even when its task is never run: then with what `lost` says.
template <typename T>
class Kept {
 public:
  explicit Kept(T lost) : lost_(std::move(lost)) {}
  ~Kept() {
    if (!kept_) promise_.set_value(std::move(lost_));
  }
  void set(T value) {
    kept_ = true;
    promise_.set_value(std::move(value));
  }
  std::future<T> future() { return promise_.get_future(); }

 private:
  std::promise<T> promise_;
  T lost_;
  bool kept_ = false;
};

}  // namespace sonde
