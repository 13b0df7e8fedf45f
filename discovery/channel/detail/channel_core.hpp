// What the calls of a channel share. Outlives the channel for the calls that are in flight.
#pragma once

#include <atomic>
#include <brontes/actors/published.hpp>
#include <brontes/discovery/balancing/load_balancer.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/detail/call_budget.hpp>
#include <brontes/discovery/channel/detail/call_rules.hpp>
#include <brontes/discovery/channel/detail/hedge_timer.hpp>
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
  /// The options have been checked.
  ChannelCore(const Clock& clock, std::string target, const ChannelOptions& options,
              std::uint64_t seed);

  const Clock& clock;
  const std::string target;
  const CallRules rules;
  const MetadataList call_metadata;  ///< of each call, unless it brings the key itself
  const Duration deadline_margin;
  const std::string service;  ///< "pkg.Service", or ""
  const std::uint64_t seed;
  std::atomic<std::uint64_t> calls{0};  ///< that were begun: of the retry budget, and seeds
  std::atomic<std::uint64_t> hedgeable_calls{0};  ///< of these, for the budget of hedges
  CallBudget retry_budget, hedge_budget;
  const std::shared_ptr<HedgeQueue> hedges;  ///< null: no method is hedged
  const std::shared_ptr<ChannelLoad> load;
  std::shared_ptr<Published<Picker>> picker =
      std::make_shared<Published<Picker>>(std::make_shared<EmptyPicker>(""));
  const std::shared_ptr<VerdictBoard> verdicts = std::make_shared<VerdictBoard>();
  std::shared_ptr<Readiness> readiness = std::make_shared<Readiness>();
  LoadBalancer balancer;
  HedgeTimer hedge_timer;
};

}  // namespace brontes
