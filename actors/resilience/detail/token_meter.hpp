// The arithmetic of a token bucket: one word says until when the tokens are spoken for.
#pragma once

#include <algorithm>
#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdint>

namespace brontes::detail {

/// Starts full. A token is due each `1 / rate` seconds, never late and at most 1/64 ns early each;
/// `burst` of them are kept. Thread-safe, lock-free. `now` may go back a little between threads.
class TokenMeter {
 public:
  TokenMeter(double rate, std::uint32_t burst, TimePoint now)
      : origin_(now),
        step_(std::max<std::int64_t>(static_cast<std::int64_t>(1e9 * kParts / rate), 1)),
        reserve_(step_ * static_cast<std::int64_t>(burst)) {}

  /// Takes one token if there is one.
  bool take(TimePoint now) {
    const std::int64_t time = parts(now);
    std::int64_t spoken = spoken_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = std::max(spoken, time) + step_;
      if (next - time > reserve_) return false;
    } while (!spoken_.compare_exchange_weak(spoken, next, std::memory_order_relaxed));
    return true;
  }

  /// When the token comes that is the `ahead`-th after the next one; the past if it is there.
  TimePoint due(TimePoint now, std::uint64_t ahead = 0) const {
    const std::int64_t spoken = std::max(spoken_.load(std::memory_order_relaxed), parts(now));
    const std::int64_t at = spoken + step_ * static_cast<std::int64_t>(ahead + 1) - reserve_;
    // Upwards: a token is never there before its time.
    return origin_ + Duration((at + kParts - 1) >> kShift);
  }

  void give_back() { spoken_.fetch_sub(step_, std::memory_order_relaxed); }

 private:
  static constexpr int kShift = 6;
  static constexpr std::int64_t kParts = 1 << kShift;  // of a nanosecond: lasts for four years
  std::int64_t parts(TimePoint now) const { return (now - origin_).count() * kParts; }

  const TimePoint origin_;
  const std::int64_t step_;
  const std::int64_t reserve_;
  std::atomic<std::int64_t> spoken_{0};
};

}  // namespace brontes::detail
