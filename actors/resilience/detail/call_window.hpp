// How many of the latest calls went well: counts of a rolling window.
#pragma once

#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdint>
#include <vector>

namespace brontes::detail {

/// Buckets of atomics that are reused when their time has come again, so nobody has to turn the
/// window. Thread-safe; exact for whoever counts and looks one after the other. A bucket holds four
/// million of each kind, and counts no further.
class CallWindow {
 public:
  struct Sum {
    std::uint32_t good = 0, bad = 0;
    std::uint32_t all() const { return good + bad; }
  };

  CallWindow(Duration length, std::uint32_t buckets, TimePoint now);

  void add(TimePoint now, bool good);
  /// Of the bucket of `now` and those before it that the window covers.
  Sum sum(TimePoint now) const;

 private:
  // One word: epoch (20 bits), good (22), bad (22).
  static constexpr std::uint64_t kCountMask = (1u << 22) - 1;
  static constexpr std::uint64_t kEpochMask = (1u << 20) - 1;
  static std::uint64_t pack(std::uint64_t epoch, std::uint64_t good, std::uint64_t bad) {
    return epoch << 44 | good << 22 | bad;
  }
  static std::uint64_t epoch_of(std::uint64_t word) { return word >> 44; }
  static std::uint32_t good_of(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> 22 & kCountMask);
  }
  static std::uint32_t bad_of(std::uint64_t word) {
    return static_cast<std::uint32_t>(word & kCountMask);
  }
  std::uint64_t epoch(TimePoint now) const {
    return static_cast<std::uint64_t>((now.time_since_epoch() / step_));
  }

  const Duration step_;
  std::vector<std::atomic<std::uint64_t>> cells_;
};

}  // namespace brontes::detail
