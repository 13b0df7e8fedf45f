// A callback that its owner can take back: afterwards it neither runs nor will run.
#pragma once

#include <brontes/actors/log.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace brontes::detail {

/// Thread-safe. The lock is recursive, so that a callback may drop its own subscription.
template <class Event>
class CallbackBox {
 public:
  using Callback = std::function<void(const Event&)>;

  /// Of an empty one nothing is ever called.
  explicit CallbackBox(Callback callback)
      : callback_(callback ? std::make_shared<const Callback>(std::move(callback)) : nullptr) {}

  void call(const Event& event, const char* logger) {
    const std::lock_guard lock(mutex_);
    if (!callback_) return;
    const auto callback = callback_;  // it outlives its own close()
    try {
      (*callback)(event);
    } catch (const std::exception& error) {
      log_error(logger, "callback threw what=\"{}\"", error.what());
    } catch (...) {
      log_error(logger, "callback threw what=\"{}\"", "no std::exception");
    }
  }

  /// Waits for a call that runs on another thread.
  void close() {
    const std::lock_guard lock(mutex_);
    callback_ = nullptr;
  }

 private:
  std::recursive_mutex mutex_;
  std::shared_ptr<const Callback> callback_;
};

}  // namespace brontes::detail
