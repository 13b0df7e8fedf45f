#include <algorithm>
#include <brontes/discovery/channel/detail/retry_budget.hpp>
#include <brontes/discovery/channel/retry_policy.hpp>
#include <chrono>

namespace brontes {
namespace {

constexpr double kMostEarned =
    1e4;  // a fifth of 50,000 calls: what a window of a busy channel earns

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void RetryBudget::deposit() {
  const std::lock_guard lock(mutex_);
  earned_ = std::min(earned_ + kRatio, kMostEarned);
}

bool RetryBudget::withdraw(TimePoint now) {
  const std::lock_guard lock(mutex_);
  const double passed = std::max(0.0, seconds(now - refilled_));
  refilled_ = now;
  floor_ = std::min(floor_ + passed * kPerSecond, kPerSecond * kWindowSeconds);
  earned_ *= std::max(0.0, 1 - passed / kWindowSeconds);  // calls of long ago pay for nothing
  double& purse = earned_ >= 1 ? earned_ : floor_;
  if (purse < 1) return false;
  purse -= 1;
  return true;
}

Duration RetryPolicy::delay(int attempts_made, std::uint64_t& random) const {
  const int doublings = std::clamp(attempts_made - 1, 0, 20);
  const bool capped = base > this->max / (std::int64_t{1} << doublings);
  const Duration full = capped ? this->max : base * (std::int64_t{1} << doublings);
  return full * 4 / 5 + jitter(random, full * 2 / 5);
}

}  // namespace brontes
