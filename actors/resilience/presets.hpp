// Layers that belong together.
#pragma once

#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/resilience/chain.hpp>
#include <brontes/actors/resilience/rate_limit.hpp>
#include <brontes/actors/resilience/time_limit.hpp>
#include <optional>
#include <string>

namespace brontes {

/// Hystrix' defaults: a breaker (20 calls in 10 s, 50 %, 5 s), at most 10 calls at a time, none
/// waits, each takes at most 1 s. As there, in this order; unlike there, what is refused here does
/// not count as a failure, and late answers do not close the breaker.
struct HystrixOptions {
  BreakerOptions breaker = BreakerOptions::hystrix();
  BulkheadOptions bulkhead = {.max_concurrent = 10};
  Duration time_limit = std::chrono::seconds(1);
};

using HystrixGuards = GuardChain<detail::GuardLayer, detail::GuardLayer, TimeLimit>;

/// kInvalidArgument as its parts give it.
Expected<HystrixGuards> hystrix(System& system, const std::string& name,
                                HystrixOptions options = {});

/// What may stand around the calls of something that has a name, such as a channel: for settings.
struct GuardOptions {
  std::optional<BreakerOptions> breaker = {};
  std::optional<RateLimitOptions> rate_limit = {};
  std::optional<BulkheadOptions> bulkhead = {};

  /// kInvalidArgument with the first field that cannot be: "breaker.probes: 65 is not from 1 to
  /// 64".
  Status check() const;
};

/// Breaker, rate limit, bulkhead, in this order; what is not asked for lets everything through.
using NamedGuards = GuardChain<detail::GuardLayer, detail::GuardLayer, detail::GuardLayer>;

/// kInvalidArgument as check() gives it.
Expected<NamedGuards> guards(System& system, const std::string& name, const GuardOptions& options);

}  // namespace brontes
