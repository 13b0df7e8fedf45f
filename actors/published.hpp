// What an actor decided, for everybody to read without asking it: an immutable snapshot that is
// replaced whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace brontes {

/// Holds the newest value. Thread-safe; one actor publishes, any thread reads.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = std::make_shared<const T>())
      : value_(std::move(first)) {}

  void publish(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

  /// A share of the newest value: for keeping it.
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  /// Reads in place, for the duration of `f(const T&)`.
  template <class F>
  decltype(auto) read(F&& f) const {
    return std::forward<F>(f)(*get());
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace brontes
