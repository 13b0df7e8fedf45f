// How the calls of a method are made: deadline, retries, hedges. docs/calling.md explains.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/channel/retry_policy.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace brontes {

/// A second attempt while the first one is still out, at another endpoint; the answer that comes
/// first counts, and the other attempt is cancelled. Of idempotent methods only; within the
/// channel's budget of hedges; and not while the service is in trouble (a tenth of its endpoints
/// ejected, or less than half of them to be called).
struct HedgingPolicy {
  bool enabled = true;
  /// After which the second attempt is made, at least 1 ms, at most half of the time that the call
  /// has left. Zero: as long as 95 % of the calls under the policy take, running over ten seconds;
  /// until there were 20 of them nothing is hedged.
  Duration delay = Duration::zero();
};

/// What is not said here is as the next wider policy says: of the service, of "*", the defaults.
struct MethodPolicy {
  std::optional<Duration> timeout = {};   ///< of calls that bring none; default 30 s; more than 0
  std::optional<bool> idempotent = {};    ///< calls may run any number of times; default false
  std::optional<RetryPolicy> retry = {};  ///< as a whole; default: ChannelOptions::retry
  std::optional<HedgingPolicy> hedging = {};  ///< default: none
  std::optional<std::string> key = {};  ///< "header:x-user", "field:user.id"; see balancing.md
};

/// By "pkg.Service/Method", "pkg.Service" or "*", all methods; the narrowest counts.
using MethodPolicies = std::map<std::string, MethodPolicy>;

/// kInvalidArgument: what cannot be, and where: "pkg.Service/Method: timeout: is not above zero".
Status check(const MethodPolicies& policies);
/// The same of one, with the member that says so.
Status check(const MethodPolicy& policy);

}  // namespace brontes
