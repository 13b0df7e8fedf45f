// What the calls of one door share.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace brontes::detail {

/// Thread-safe.
class DoorScope {
 public:
  void enter() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  /// The last thing that a call does.
  void leave() {
    if (in_flight_.fetch_sub(1) == 1 && drains_) emptied_();
  }
  std::size_t in_flight() const { return in_flight_.load(std::memory_order_acquire); }

  /// From now on `emptied` runs whenever the last call has left, on its thread, and once in here if
  /// there is none. Once.
  void drain(std::function<void()> emptied) {
    emptied_ = std::move(emptied);
    drains_ = true;
    if (in_flight_ == 0) emptied_();
  }

  /// Set before gRPC is told to cancel: a call that begins later is refused at once.
  std::atomic<bool> cancelling{false};

 private:
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<bool> drains_{false};
  std::function<void()> emptied_;  // not changed any more once drains_ is set
};

}  // namespace brontes::detail
