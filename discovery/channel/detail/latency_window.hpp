// How long calls take: the 95th percentile of the last ten seconds.
#pragma once

#include <array>
#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdint>

namespace brontes {

/// Four kilobytes. Calls record, an actor works it out once a second, calls read the result.
class LatencyWindow {
 public:
  static constexpr Duration kStep = std::chrono::seconds(1);
  static constexpr int kSteps = 10;
  static constexpr std::uint32_t kLeast = 20;  ///< calls that say something

  explicit LatencyWindow(TimePoint now) : rolled_at_(now) {}

  // Any thread.
  void record(Duration took);
  /// Not less than so much, and up to an eighth more; zero: there were too few calls.
  Duration p95() const { return Duration(p95_.load(std::memory_order_relaxed)); }

  // One actor.
  /// Takes in what was recorded, forgets what is older than the window.
  void roll(TimePoint now);

 private:
  static constexpr std::size_t kBuckets = 160;  // eight for each doubling, from 0.1 ms to 100 s
  using Counts = std::array<std::uint32_t, kBuckets>;

  static std::size_t bucket_of(Duration took);
  static Duration most_in(std::size_t bucket);
  void forget_until(TimePoint now);

  std::array<std::atomic<std::uint32_t>, kBuckets> fresh_{};
  std::atomic<std::int64_t> p95_{0};
  TimePoint rolled_at_;
  std::array<Counts, kSteps> steps_{};  // a ring
  std::size_t at_ = 0;
};

}  // namespace brontes
