// What the calls of a channel share. Outlives the channel for the calls that are in flight.
#pragma once

#include <atomic>
#include <brontes/actors/published.hpp>
#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/load_balancer.hpp>
#include <brontes/discovery/channel/detail/retry_budget.hpp>
#include <brontes/discovery/channel/retry_policy.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace brontes {

/// How many endpoints are READY, for those who block until there are enough.
class Readiness {
 public:
  void set(std::size_t ready);
  std::size_t get() const;
  /// Blocks until `is_enough(ready)` or the time is over; whether it is enough then.
  bool wait(Duration timeout, const std::function<bool(std::size_t)>& is_enough) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::size_t ready_ = 0;
};

struct ChannelCore {
  ChannelCore(const Clock& clock_, std::string target_, RetryPolicy retry_, std::uint64_t seed,
              KeySource key_ = {})
      : clock(clock_),
        target(std::move(target_)),
        retry(std::move(retry_)),
        key(std::move(key_)),
        budget(clock.now()),
        next_seed(seed) {}

  const Clock& clock;
  const std::string target;
  const RetryPolicy retry;
  const KeySource key;  ///< of calls that bring none of their own
  RetryBudget budget;
  std::atomic<std::uint64_t> next_seed;  ///< of the jitter of the next call
  std::shared_ptr<Published<Picker>> picker =
      std::make_shared<Published<Picker>>(std::make_shared<EmptyPicker>(""));
  std::shared_ptr<Readiness> readiness = std::make_shared<Readiness>();
  LoadBalancer balancer;
};

}  // namespace brontes
