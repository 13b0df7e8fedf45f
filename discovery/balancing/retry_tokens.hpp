// The brake on retries to an endpoint that fails: after gRPC's retry throttling (gRFC A6), but one
// bucket for each endpoint, so that one that died stops no retries to those that live.
#pragma once

#include <atomic>
#include <cstdint>

namespace brontes {

/// Ten tokens at first, and never more: a failure takes one, a success gives back a tenth. Calls
/// are made again only at endpoints that have more than half of theirs. Thread-safe.
class RetryTokens {
 public:
  void spend() { add(-kOne); }
  void earn() {
    // A plain load first: the line stays shared while all goes well.
    if (tenths_.load(std::memory_order_relaxed) < kMost) add(1);
  }
  void refill() { tenths_.store(kMost, std::memory_order_relaxed); }
  bool allow() const { return tenths_.load(std::memory_order_relaxed) > kMost / 2; }

 private:
  static constexpr std::int32_t kOne = 10, kMost = 10 * kOne;

  void add(std::int32_t tenths) {
    std::int32_t before = tenths_.load(std::memory_order_relaxed);
    while (!tenths_.compare_exchange_weak(before, within(before + tenths),
                                          std::memory_order_relaxed)) {
    }
  }
  static constexpr std::int32_t within(std::int32_t tenths) {
    return tenths < 0 ? 0 : tenths > kMost ? kMost : tenths;
  }

  std::atomic<std::int32_t> tenths_{kMost};
};

}  // namespace brontes
