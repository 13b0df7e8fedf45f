// What the endpoints of one channel have in common: the time, and how many calls are in flight.
#pragma once

#include <atomic>
#include <brontes/actors/clock.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace brontes {

/// Thread-safe; begins and ends of calls write it, picks read it. The clock outlives it.
class ChannelLoad {
 public:
  static constexpr Duration kDecay = std::chrono::seconds(3);

  /// `decay`: after so much time an observation of an endpoint counts for a third of what it did.
  explicit ChannelLoad(const Clock& clock = system_clock(), Duration decay = kDecay)
      : clock_(clock), decay_(decay), recent_(clock.now().time_since_epoch().count()) {}

  Duration decay() const { return decay_; }
  /// When a call of the channel last began or ended, to the millisecond: for picks, which have no
  /// time to ask the clock.
  TimePoint recent() const { return TimePoint(Duration(recent_.load(std::memory_order_relaxed))); }
  /// Asks the clock, and keeps the answer as recent().
  TimePoint now() {
    const TimePoint now = clock_.now();
    // Seldom, so that the cache line stays shared.
    if (now - recent() > std::chrono::microseconds(500))
      recent_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    return now;
  }

  /// The load balancer's word: the service is in trouble, and is not to be called more than needed.
  void set_strained(bool strained) { strained_.store(strained, std::memory_order_relaxed); }
  bool is_strained() const { return strained_.load(std::memory_order_relaxed); }

  std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  void add() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  void remove() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

  /// Whom to tell, on any thread, that an endpoint fails again and again; null: nobody.
  void set_alarm(std::function<void()> alarm) {
    const std::lock_guard lock(mutex_);
    alarm_ = std::move(alarm);
  }
  void raise_alarm() {
    const std::lock_guard lock(mutex_);
    if (alarm_) alarm_();
  }

 private:
  const Clock& clock_;
  const Duration decay_;
  alignas(64) std::atomic<std::int64_t> recent_;
  alignas(64) std::atomic<std::uint32_t> in_flight_{0};
  alignas(64) std::mutex mutex_;
  std::atomic<bool> strained_{false};
  std::function<void()> alarm_;
};

}  // namespace brontes
