// What many threads count on to take turns: one write each, on a cache line of its own.
#pragma once

#include <atomic>
#include <brontes/discovery/balancing/call_key.hpp>
#include <cstdint>

namespace brontes {

/// 0, 1, 2 ... and again from 0.
class alignas(64) Turn {
 public:
  explicit Turn(std::uint32_t start = 0) : next_(start) {}
  std::uint32_t take() { return next_.fetch_add(1, std::memory_order_relaxed); }
  /// Cheaper by half a pick; two threads at a time may get the same one.
  std::uint32_t take_loosely() {
    const std::uint32_t taken = next_.load(std::memory_order_relaxed);
    next_.store(taken + 1, std::memory_order_relaxed);
    return taken;
  }

 private:
  std::atomic<std::uint32_t> next_;
};

/// Numbers that look random: splitmix64 of a counter. The same seed gives the same ones. Two
/// threads at a time may get the same one, which is as likely as any other: a locked addition would
/// cost more than all the rest of a pick.
class alignas(64) RandomSequence {
 public:
  explicit RandomSequence(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    const std::uint64_t state = state_.load(std::memory_order_relaxed);
    state_.store(state + 0x9e3779b97f4a7c15, std::memory_order_relaxed);
    return mix(state);
  }

 private:
  std::atomic<std::uint64_t> state_;
};

/// One of `count`, from 32 random bits: no division.
inline std::uint32_t below(std::uint32_t count, std::uint32_t bits) {
  return static_cast<std::uint32_t>((std::uint64_t{bits} * count) >> 32);
}

}  // namespace brontes
