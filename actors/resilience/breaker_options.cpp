#include <algorithm>
#include <brontes/actors/resilience/breaker_options.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <string>

namespace brontes {

std::vector<Errc> BreakerOptions::default_failures() {
  return {Errc::kUnavailable, Errc::kDeadlineExceeded, Errc::kInternal, Errc::kDataLoss,
          Errc::kResourceExhausted};
}

BreakerOptions BreakerOptions::strict() {
  BreakerOptions options;
  options.max_consecutive = 4;
  return options;
}

BreakerOptions BreakerOptions::hystrix() {
  using namespace std::chrono_literals;
  BreakerOptions options;
  options.rule = Rule::kShare;
  options.open_for = 5s;
  return options;
}

BreakerOptions BreakerOptions::sre() {
  using namespace std::chrono_literals;
  BreakerOptions options;
  options.rule = Rule::kThrottle;
  options.window = 3s;
  return options;
}

Expected<BreakerOptions> BreakerOptions::named(std::string_view preset) {
  if (preset == "gobreaker") return gobreaker();
  if (preset == "strict") return strict();
  if (preset == "hystrix") return hystrix();
  if (preset == "sre") return sre();
  return fail(
      Errc::kInvalidArgument,
      "'" + std::string(preset) + "' is no breaker; there are gobreaker, strict, hystrix, sre");
}

Status BreakerOptions::check() const {
  using namespace std::chrono_literals;
  Status status = detail::within("max_consecutive", max_consecutive, 0, 1'000'000);
  if (status.ok()) status = detail::within("clear_every", clear_every, 0ns, 24h);
  if (status.ok()) status = detail::within("window", window, 1ms, 1h);
  if (status.ok()) status = detail::within("buckets", buckets, 1, 60);
  if (status.ok()) status = detail::within("min_calls", min_calls, 1, 1'000'000);
  if (status.ok()) status = detail::within("open_at_percent", open_at_percent, 1, 100);
  if (status.ok()) status = detail::within("throttle_factor", throttle_factor, 1, 1000);
  if (status.ok()) status = detail::within("open_for", open_for, 1ms, 24h);
  if (status.ok()) status = detail::within("probes", probes, 1, 64);
  if (status.ok()) status = detail::within("probe_timeout", probe_timeout, 0ns, 24h);
  if (status.ok() && std::find(failures.begin(), failures.end(), Errc::kOk) != failures.end())
    return {Errc::kInvalidArgument, "failures: OK cannot be a failure"};
  if (status.ok() && failures.empty())
    return {Errc::kInvalidArgument, "failures: none is named, so it would never open"};
  return status;
}

}  // namespace brontes
