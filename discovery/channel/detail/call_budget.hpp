// The brake on calls that are made more than once: they may add so much to the load, and no more.
#pragma once

#include <brontes/actors/clock.hpp>
#include <cstdint>
#include <mutex>

namespace brontes {

struct BudgetOptions {
  double ratio = 0.2;      ///< of the calls of the last ten seconds
  double per_second = 10;  ///< on top, saved up for ten seconds: for channels that call rarely
};

/// After Finagle's retry budget. Calls are counted elsewhere: a call that goes well costs nothing
/// here. Thread-safe.
class CallBudget {
 public:
  static constexpr double kWindowSeconds = 10;

  CallBudget(BudgetOptions options, TimePoint now, std::uint64_t calls = 0);

  /// One more, please; `calls` is how many were begun so far. False: there were too many lately.
  bool withdraw(TimePoint now, std::uint64_t calls);

 private:
  void earn(TimePoint now, std::uint64_t calls);

  const BudgetOptions options_;
  std::mutex mutex_;  // guards what follows
  TimePoint seen_at_;
  std::uint64_t seen_;  // calls
  double floor_;
  double earned_ = 0;
};

}  // namespace brontes
