#include <algorithm>
#include <brontes/discovery/channel/detail/call_rules.hpp>
#include <utility>

namespace brontes {
namespace {

// What is said replaces; each rule that hedges by experience has an experience of its own.
CallRule narrowed(CallRule rule, const MethodPolicy& policy, TimePoint now) {
  if (policy.timeout) rule.timeout = *policy.timeout;
  if (policy.idempotent) rule.idempotent = *policy.idempotent;
  if (policy.retry) rule.retry = *policy.retry;
  if (policy.hedging) rule.hedging = *policy.hedging;
  if (policy.key) rule.key = *parse_key_source(*policy.key);
  const bool by_experience = rule.hedging.enabled && rule.hedging.delay == Duration::zero();
  rule.latency = by_experience ? std::make_shared<LatencyWindow>(now) : nullptr;
  return rule;
}

std::string_view service_of(std::string_view method) { return method.substr(0, method.find('/')); }

}  // namespace

CallRules::CallRules(CallRule defaults, const MethodPolicies& policies, TimePoint now)
    : all_(std::move(defaults)) {
  if (const auto at = policies.find("*"); at != policies.end())
    all_ = narrowed(std::move(all_), at->second, now);
  // A service sorts before its methods.
  for (const auto& [name, policy] : policies) {
    if (name == "*") continue;
    const auto wider = rules_.find(service_of(name));
    rules_.emplace(name, narrowed(wider == rules_.end() ? all_ : wider->second, policy, now));
  }
}

const CallRule& CallRules::of(std::string_view path) const {
  if (rules_.empty()) return all_;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (const auto at = rules_.find(path); at != rules_.end()) return at->second;
  const auto at = rules_.find(service_of(path));
  return at == rules_.end() ? all_ : at->second;
}

bool CallRules::hedges() const {
  return all_.hedging.enabled || std::any_of(rules_.begin(), rules_.end(), [](const auto& each) {
           return each.second.hedging.enabled;
         });
}

std::vector<std::shared_ptr<LatencyWindow>> CallRules::windows() const {
  std::vector<std::shared_ptr<LatencyWindow>> found;
  if (all_.latency) found.push_back(all_.latency);
  for (const auto& [name, rule] : rules_)
    if (rule.latency) found.push_back(rule.latency);
  return found;
}

}  // namespace brontes
