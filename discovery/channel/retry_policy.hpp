// When a unary call is made again, and where. See docs/adr/0051-retries.md.
#pragma once

#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <functional>
#include <vector>

namespace brontes {

/// Retries share the deadline of the call, go to endpoints that were not tried, and stop when the
/// server says so (`grpc-retry-pushback-ms`), when the channel's budget is used up, when no
/// endpoint is left that does not fail all the time, or when the caller's caller retries by itself
/// (`x-retry-owner`): then only what was refused goes elsewhere.
struct RetryPolicy {
  /// First one included; 1 switches retries off. At most 5 are made.
  int max_attempts = 3;
  /// Codes worth another attempt.
  std::vector<Errc> codes = {Errc::kUnavailable};
  /// Asked, if there is one, in place of `codes`: whether what failed with that status (its details
  /// are google.rpc.Status) is worth another attempt. Any thread; short; does not throw.
  std::function<bool(const Status&)> classify = {};
  /// How often a call may be sent again although a server may have begun with it (the connection
  /// died under it). Idempotent calls are not limited by this; 0 switches it off for the others.
  /// What was refused, and so never sent, is always repeated.
  int max_resends = 1;
  /// Attempt i + 1 waits min(base * 2^(i-1), max), give or take 20 %; after a refused connection
  /// another endpoint is tried at once.
  Duration base = std::chrono::milliseconds(50);
  Duration max = std::chrono::seconds(1);

  static constexpr int kMostAttempts = 5;
  int attempts() const { return std::clamp(max_attempts, 1, kMostAttempts); }
  bool covers(const Status& status) const {
    if (classify) return classify(status);
    return std::find(codes.begin(), codes.end(), status.code()) != codes.end();
  }
  /// Before the attempt after the given number of attempts.
  Duration delay(int attempts_made, std::uint64_t& random) const;

  static RetryPolicy none() {
    RetryPolicy policy;
    policy.max_attempts = 1;
    return policy;
  }
};

}  // namespace brontes
