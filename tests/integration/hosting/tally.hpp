// Counts what happens on other threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace brontes::testing {

constexpr auto kHang = std::chrono::minutes(1);  // only for hangs

/// Lets the test wait until a number of things have happened. Thread-safe.
class Tally {
 public:
  void one() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kHang, [&] { return count_ >= count; });
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace brontes::testing
