// The brake on retries: they may add a fifth to the load, and a floor for channels that call
// rarely.
#pragma once

#include <brontes/actors/clock.hpp>
#include <mutex>

namespace brontes {

/// A bucket of tokens, after Finagle's retry budget: each call adds `ratio`, time adds
/// `per_second`, each retry takes one; what is older than the window is forgotten by capping.
/// Thread-safe.
class RetryBudget {
 public:
  static constexpr double kRatio = 0.2;
  static constexpr double kPerSecond = 10;
  static constexpr double kWindowSeconds = 10;

  explicit RetryBudget(TimePoint now) : refilled_(now) {}

  /// A first attempt was made.
  void deposit();
  /// False: too many retries lately; the call fails with what it has.
  bool withdraw(TimePoint now);

 private:
  std::mutex mutex_;
  TimePoint refilled_;
  double floor_ = kPerSecond * kWindowSeconds;
  double earned_ = 0;
};

}  // namespace brontes
