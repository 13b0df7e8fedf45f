#include <brontes/actors/resilience/presets.hpp>
#include <utility>

namespace brontes {

Expected<HystrixGuards> hystrix(System& system, const std::string& name, HystrixOptions options) {
  auto breaker = Breaker::make(system, name, std::move(options.breaker));
  if (!breaker) return fail(breaker.error());
  auto bulkhead = Bulkhead::make(system, name, options.bulkhead);
  if (!bulkhead) return fail(bulkhead.error());
  auto time_limit = TimeLimit::make(system, options.time_limit);
  if (!time_limit) return fail(time_limit.error());
  return chain(std::move(*breaker), std::move(*bulkhead), std::move(*time_limit));
}

Status GuardOptions::check() const {
  const auto of = [](const char* part, const auto& options) -> Status {
    if (!options) return {};
    const Status status = options->check();
    return status.ok() ? status : Status(status.code(), std::string(part) + "." + status.message());
  };
  Status status = of("breaker", breaker);
  if (status.ok()) status = of("rate_limit", rate_limit);
  if (status.ok()) status = of("bulkhead", bulkhead);
  return status;
}

Expected<NamedGuards> guards(System& system, const std::string& name, const GuardOptions& options) {
  if (const Status status = options.check(); !status.ok())
    return fail(status.code(), "make the guards of " + name + ": " + status.message());
  std::shared_ptr<Guard> breaker, limit, bulkhead;
  const auto keep = [](std::shared_ptr<Guard>& guard, auto made) -> Status {
    if (!made) return made.error();
    guard = std::move(*made);
    return {};
  };
  Status status;
  if (options.breaker) status = keep(breaker, Breaker::make(system, name, *options.breaker));
  if (status.ok() && options.rate_limit)
    status = keep(limit, RateLimit::make(system, name, *options.rate_limit));
  if (status.ok() && options.bulkhead)
    status = keep(bulkhead, Bulkhead::make(system, name, *options.bulkhead));
  if (!status.ok()) return fail(status);
  return chain(std::move(breaker), std::move(limit), std::move(bulkhead));
}

}  // namespace brontes
