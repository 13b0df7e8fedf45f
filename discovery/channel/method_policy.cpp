#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/channel/method_policy.hpp>

namespace brontes {
namespace {

Status refuse(const std::string& what, const std::string& why) {
  return {Errc::kInvalidArgument, what + ": " + why};
}

Status check_retry(const RetryPolicy& retry) {
  if (retry.max_attempts < 1 || retry.max_attempts > RetryPolicy::kMostAttempts)
    return refuse("retry.attempts", "is out of range, 1 to 5");
  if (retry.max_resends < 0) return refuse("retry.resends", "is below zero");
  if (retry.base < Duration::zero()) return refuse("retry.base", "is below zero");
  if (retry.max < retry.base) return refuse("retry.max", "is below retry.base");
  for (const Errc code : retry.codes)
    if (code == Errc::kOk) return refuse("retry.codes", "OK is no failure");
  return {};
}

bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of("/ \t") == std::string_view::npos;
}

bool is_name(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return is_word(name);
  return is_word(name.substr(0, slash)) && is_word(name.substr(slash + 1));
}

}  // namespace

Status check(const MethodPolicy& policy) {
  if (policy.timeout && *policy.timeout <= Duration::zero())
    return refuse("timeout", "is not above zero");
  if (policy.hedging && policy.hedging->delay < Duration::zero())
    return refuse("hedging", "the delay is below zero");
  if (policy.key)
    if (const auto source = parse_key_source(*policy.key); !source)
      return refuse("key", source.error().message());
  return policy.retry ? check_retry(*policy.retry) : Status();
}

Status check(const MethodPolicies& policies) {
  for (const auto& [name, policy] : policies) {
    if (!is_name(name))
      return refuse("'" + name + "'", "is no method: write pkg.Service/Method, pkg.Service or *");
    if (const Status status = check(policy); !status.ok()) return refuse(name, status.message());
  }
  return {};
}

}  // namespace brontes
