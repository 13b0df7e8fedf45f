// Who is still there: what a stop waits for.
#pragma once

#include <brontes/actors/clock.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace brontes::detail {

/// Thread-safe.
class Attendance : public std::enable_shared_from_this<Attendance> {
 public:
  /// Present until the ticket and its copies are gone.
  using Ticket = std::shared_ptr<void>;
  Ticket enter() {
    const std::lock_guard lock(mutex_);
    ++present_;
    return {static_cast<void*>(this), [self = shared_from_this()](void*) { self->leave(); }};
  }

  bool empty() const {
    const std::lock_guard lock(mutex_);
    return present_ == 0;
  }

  /// False when some are still there after `patience`.
  bool wait_empty(Duration patience) {
    std::unique_lock lock(mutex_);
    return gone_.wait_for(lock, patience, [&] { return present_ == 0; });
  }

 private:
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--present_ == 0) gone_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable gone_;
  int present_ = 0;
};

}  // namespace brontes::detail
