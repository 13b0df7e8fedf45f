// Tells whoever works for a call that nobody waits for it any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace brontes {

/// Shared by a call and the calls made on its behalf. Thread-safe.
class Cancellation : public std::enable_shared_from_this<Cancellation> {
 public:
  /// Forgets the listener when destroyed; then it is not called any more, but may be running.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&& other) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    friend class Cancellation;
    Subscription(std::weak_ptr<Cancellation> owner, std::uint64_t id)
        : owner_(std::move(owner)), id_(id) {}
    std::weak_ptr<Cancellation> owner_;
    std::uint64_t id_ = 0;
  };

  bool requested() const { return requested_.load(std::memory_order_acquire); }

  /// Runs the listener once: when `request` comes, or now if it has come.
  [[nodiscard]] Subscription subscribe(std::function<void()> listener);

  /// Idempotent; runs the listeners on this thread.
  void request();

 private:
  std::atomic<bool> requested_{false};
  std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::function<void()>> listeners_;
};

}  // namespace brontes
