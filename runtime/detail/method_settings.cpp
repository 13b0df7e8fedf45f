#include <algorithm>
#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/runtime/detail/channel_settings.hpp>
#include <chrono>
#include <memory>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;

/// A row over something that may not be there: what is parsed goes to `set`, what is shown comes
/// from `get`, which is null where nothing was said.
template <class T, class Set, class Get, class... More>
Setting through(std::string key, std::string help, Set set, Get get, More... more) {
  const auto value = std::make_shared<T>();
  Setting row = setting(std::move(key), *value, std::move(help), more...);
  row.assign = [value, set, take = std::move(row.assign)](std::string_view entry,
                                                          const std::string& text) {
    Status status = take(entry, text);
    return status.ok() ? set(*value) : status;
  };
  row.show = [value, get, show = std::move(row.show)] {
    const std::optional<T> known = get();
    if (!known) return std::string();
    *value = *known;
    return show();
  };
  return row;
}

template <class T, class... More>
Setting optional_row(std::string key, std::optional<T>& variable, std::string help, More... more) {
  return through<T>(
      std::move(key), std::move(help),
      [&variable](const T& value) {
        variable = value;
        return Status();
      },
      [&variable] { return variable; }, more...);
}

/// A member of the retry policy, which comes to be when one of them is set.
template <class T, class Member, class... More>
Setting retry_row(std::string key, MethodPolicy& policy, Member RetryPolicy::*member,
                  std::string help, More... more) {
  return through<T>(
      std::move(key), std::move(help),
      [&policy, member](const T& value) {
        if (!policy.retry) policy.retry = RetryPolicy();
        (*policy.retry).*member = static_cast<Member>(value);
        return Status();
      },
      [&policy, member]() -> std::optional<T> {
        if (!policy.retry) return std::nullopt;
        return static_cast<T>((*policy.retry).*member);
      },
      more...);
}

Status set_codes(MethodPolicy& policy, const std::vector<std::string>& names) {
  std::vector<Errc> codes;
  for (std::string name : names) {
    name.erase(0, name.find_first_not_of(' '));
    const Errc code = errc_from_name(name);
    if (code == Errc::kOk || to_string(code) != name)
      return {Errc::kInvalidArgument,
              "'" + name + "' is no code of a failure, such as UNAVAILABLE"};
    codes.push_back(code);
  }
  if (!policy.retry) policy.retry = RetryPolicy();
  policy.retry->codes = std::move(codes);
  return {};
}

std::optional<std::vector<std::string>> codes_of(const MethodPolicy& policy) {
  if (!policy.retry) return std::nullopt;
  std::vector<std::string> names;
  for (const Errc code : policy.retry->codes) names.emplace_back(to_string(code));
  return names;
}

Status set_hedging(MethodPolicy& policy, const std::string& text) {
  HedgingPolicy hedging;
  if (text == "off") {
    hedging.enabled = false;
  } else if (text != "p95") {
    const auto delay = parse_duration(text);
    if (!delay || *delay < 1ms || *delay > 1h)
      return {Errc::kInvalidArgument, "'" + text + "' is not off, p95 or a duration, 1ms to 1h"};
    hedging.delay = *delay;
  }
  policy.hedging = hedging;
  return {};
}

std::optional<std::string> hedging_of(const MethodPolicy& policy) {
  if (!policy.hedging) return std::nullopt;
  if (!policy.hedging->enabled) return "off";
  return policy.hedging->delay == Duration::zero() ? "p95" : to_string(policy.hedging->delay);
}

Status key_source(std::string_view, const std::string& text) {
  const auto source = parse_key_source(text);
  return source ? Status() : source.error();
}

}  // namespace

std::vector<Setting> method_rows(MethodPolicy& policy) {
  std::vector<Setting> rows;
  rows.push_back(optional_row("timeout", policy.timeout, "of calls that bring none; 30s",
                              Range<Duration>{1ms, 24h}));
  rows.push_back(
      optional_row("idempotent", policy.idempotent, "calls may run any number of times; false"));
  rows.push_back(through<std::string>(
      "hedging",
      "off, p95, or after how long one more attempt is made elsewhere, of idempotent methods; off",
      [&policy](const std::string& text) { return set_hedging(policy, text); },
      [&policy] { return hedging_of(policy); }));
  rows.push_back(optional_row("key", policy.key, "what keeps calls together, as balancing.key")
                     .with_check(key_source));
  rows.push_back(retry_row<std::uint64_t>("retry.attempts", policy, &RetryPolicy::max_attempts,
                                          "the first one included; 1: no retries; 3",
                                          Range<std::uint64_t>{1, RetryPolicy::kMostAttempts}));
  rows.push_back(through<std::vector<std::string>>(
      "retry.codes", "worth another attempt; UNAVAILABLE",
      [&policy](const std::vector<std::string>& names) { return set_codes(policy, names); },
      [&policy] { return codes_of(policy); }));
  rows.push_back(retry_row<std::uint64_t>("retry.resends", policy, &RetryPolicy::max_resends,
                                          "of calls that may have begun, unless idempotent; 1",
                                          Range<std::uint64_t>{0, RetryPolicy::kMostAttempts}));
  rows.push_back(retry_row<Duration>("retry.base", policy, &RetryPolicy::base,
                                     "the first delay, doubling; 50ms", Range<Duration>{0s, 1min}));
  rows.push_back(retry_row<Duration>("retry.max", policy, &RetryPolicy::max, "the longest; 1s",
                                     Range<Duration>{0s, 1h}));
  return rows;
}

}  // namespace brontes::detail
