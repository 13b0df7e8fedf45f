// A result that comes later, without types of a transport: what GuardChain::start() returns.
#pragma once

#include <brontes/actors/call/cancellation.hpp>
#include <brontes/actors/executor.hpp>
#include <brontes/actors/status.hpp>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace brontes {

namespace detail {

/// Where a result and whoever wants it meet. Thread-safe.
template <class T>
class MeetingPoint {
 public:
  using Taker = std::function<void(Expected<T>)>;

  bool give(Expected<T> result) {
    Taker taker;
    {
      const std::lock_guard lock(mutex_);
      if (given_) return false;
      given_ = true;
      if (!taker_) {
        result_.emplace(std::move(result));
        return true;
      }
      taker = std::exchange(taker_, nullptr);
    }
    taker(std::move(result));
    return true;
  }

  void take(Taker taker) {
    std::optional<Expected<T>> result;
    {
      const std::lock_guard lock(mutex_);
      if (!result_) {
        taker_ = std::move(taker);
        return;
      }
      result = std::exchange(result_, std::nullopt);
    }
    taker(std::move(*result));
  }

  const std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  Cancellation::Subscription parent = {};  ///< of whoever made it, before it is shared

 private:
  std::mutex mutex_;
  bool given_ = false;
  std::optional<Expected<T>> result_;
  Taker taker_;
};

}  // namespace detail

/// The receiving end. Letting go of it neither cancels nor waits. Take the result once, by one of
/// then, future and wait.
template <class T>
class Later {
 public:
  explicit Later(std::shared_ptr<detail::MeetingPoint<T>> point) : point_(std::move(point)) {}

  /// `f(Expected<T>)`, run by the executor; `f` may be move-only.
  template <class F>
  void then(Executor executor, F f) const {
    point_->take([executor = std::move(executor),
                  f = std::make_shared<F>(std::move(f))](Expected<T> result) {
      executor([f, result = std::make_shared<Expected<T>>(std::move(result))] {
        (*f)(std::move(*result));
      });
    });
  }

  std::future<Expected<T>> future() const {
    auto promise = std::make_shared<std::promise<Expected<T>>>();
    point_->take([promise](Expected<T> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }

  /// Blocks: never in an actor.
  Expected<T> wait() const { return future().get(); }

  /// Asks to end it early; the result comes all the same, kCancelled most likely. Thread-safe.
  void cancel() const { point_->cancellation->request(); }

 private:
  std::shared_ptr<detail::MeetingPoint<T>> point_;
};

/// The giving end, for what is asynchronous by other means. Copies share it; when the last one goes
/// unfinished the result is kInternal. Thread-safe.
template <class T>
class Promise {
 public:
  Promise() : end_(std::make_shared<End>()) {}

  Later<T> later() const { return Later<T>(end_->point); }
  /// The first one counts; false for others.
  bool finish(Expected<T> result) const { return end_->point->give(std::move(result)); }
  /// Requested by Later::cancel().
  const std::shared_ptr<Cancellation>& cancellation() const { return end_->point->cancellation; }

 private:
  struct End {
    ~End() { point->give(brontes::fail(Errc::kInternal, "a promise was dropped unfinished")); }
    std::shared_ptr<detail::MeetingPoint<T>> point = std::make_shared<detail::MeetingPoint<T>>();
  };
  std::shared_ptr<End> end_;
};

}  // namespace brontes
