#include <algorithm>
#include <brontes/discovery/channel/detail/call_budget.hpp>
#include <chrono>

namespace brontes {
namespace {

double budget_seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

CallBudget::CallBudget(BudgetOptions options, TimePoint now, std::uint64_t calls)
    : options_(options), seen_at_(now), seen_(calls), floor_(options.per_second * kWindowSeconds) {}

bool CallBudget::withdraw(TimePoint now, std::uint64_t calls) {
  const std::lock_guard lock(mutex_);
  earn(now, calls);
  double& purse = earned_ >= 1 ? earned_ : floor_;
  if (purse < 1) return false;
  purse -= 1;
  return true;
}

// What was called since the last time is taken as evenly spread; calls of before the window pay
// for nothing.
void CallBudget::earn(TimePoint now, std::uint64_t calls) {
  const double passed = std::max(0.0, budget_seconds(now - seen_at_));
  const double fresh = options_.ratio * static_cast<double>(calls - std::min(calls, seen_));
  const double counted = passed > kWindowSeconds ? kWindowSeconds / passed : 1;
  earned_ = earned_ * std::max(0.0, 1 - passed / kWindowSeconds) + fresh * counted;
  floor_ = std::min(floor_ + passed * options_.per_second, options_.per_second * kWindowSeconds);
  seen_at_ = std::max(now, seen_at_);
  seen_ = std::max(calls, seen_);
}

}  // namespace brontes
