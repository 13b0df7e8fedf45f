// What a channel's options say of the calls of each method, merged once, looked up per call.
#pragma once

#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/channel/detail/latency_window.hpp>
#include <brontes/discovery/channel/method_policy.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brontes {

struct CallRule {
  Duration timeout = std::chrono::seconds(30);
  bool idempotent = false;
  RetryPolicy retry = {};
  HedgingPolicy hedging = {.enabled = false};
  KeySource key = {};
  std::shared_ptr<LatencyWindow> latency = {};  ///< null unless it decides when to hedge
};

/// Immutable.
class CallRules {
 public:
  /// `defaults` is of methods that no policy names; the policies have been checked.
  CallRules(CallRule defaults, const MethodPolicies& policies, TimePoint now);

  /// By "/pkg.Service/Method"; lives as long as the rules.
  const CallRule& of(std::string_view path) const;
  bool hedges() const;
  std::vector<std::shared_ptr<LatencyWindow>> windows() const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  CallRule all_;  // of "*"
  std::unordered_map<std::string, CallRule, Hash, std::equal_to<>> rules_;
};

}  // namespace brontes
