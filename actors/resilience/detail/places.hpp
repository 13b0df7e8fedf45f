// How many calls are inside and how many wait, in one word: who comes sees both at once.
#pragma once

#include <atomic>
#include <cstdint>

namespace brontes::detail {

/// Thread-safe, lock-free.
class Places {
 public:
  struct Count {
    std::uint32_t inside = 0, waiting = 0;
  };

  explicit Places(std::uint32_t places) : places_(places) {}

  /// A newcomer: not while others wait.
  bool enter() {
    return change([this](Count& count) {
      return count.waiting == 0 && count.inside < places_ && ++count.inside != 0;
    });
  }
  /// The first of those who wait.
  bool enter_from_line() {
    return change([this](Count& count) { return count.inside < places_ && ++count.inside != 0; });
  }
  bool join(std::uint32_t most) {
    return change([most](Count& count) { return count.waiting < most && ++count.waiting != 0; });
  }
  void leave_line() {
    change([](Count& count) {
      --count.waiting;
      return true;
    });
  }
  /// Whether somebody waits for the place.
  bool leave() { return read(word_.fetch_sub(1, std::memory_order_acq_rel)).waiting > 0; }
  Count count() const { return read(word_.load(std::memory_order_acquire)); }

 private:
  static Count read(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
  }
  template <class F>
  bool change(F f) {
    std::uint64_t word = word_.load(std::memory_order_acquire);
    std::uint64_t next = 0;
    do {
      Count count = read(word);
      if (!f(count)) return false;
      next = static_cast<std::uint64_t>(count.waiting) << 32 | count.inside;
    } while (!word_.compare_exchange_weak(word, next, std::memory_order_acq_rel));
    return true;
  }

  const std::uint32_t places_;
  std::atomic<std::uint64_t> word_{0};
};

}  // namespace brontes::detail
