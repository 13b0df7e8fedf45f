#include <brontes/discovery/channel/detail/channel_core.hpp>

namespace brontes {
namespace {

constexpr Duration kDeadlineMargin = std::chrono::milliseconds(5);

CallRule defaults_of(const ChannelOptions& options) {
  CallRule rule;
  rule.retry = options.retry;
  const std::string key = options.balancing.value_or(BalancingOptions()).key;
  if (const auto source = parse_key_source(key)) rule.key = *source;
  return rule;
}

std::shared_ptr<HedgeQueue> queue_for(const CallRules& rules, TimePoint now) {
  return rules.hedges() ? std::make_shared<HedgeQueue>(rules.windows(), now) : nullptr;
}

}  // namespace

ChannelCore::ChannelCore(const Clock& clock_, std::string target_, const ChannelOptions& options,
                         std::uint64_t seed_)
    : clock(clock_),
      target(std::move(target_)),
      rules(defaults_of(options), options.methods, clock.now()),
      call_metadata(options.call_metadata.begin(), options.call_metadata.end()),
      deadline_margin(options.deadline_margin.value_or(kDeadlineMargin)),
      service(options.service),
      seed(seed_),
      retry_budget({.ratio = options.retry_budget}, clock.now()),
      hedge_budget({.ratio = options.hedge_budget, .per_second = 0}, clock.now()),
      hedges(queue_for(rules, clock.now())),
      load(std::make_shared<ChannelLoad>(clock,
                                         options.balancing.value_or(BalancingOptions()).decay)) {}

void Readiness::set(std::size_t ready) {
  {
    const std::lock_guard lock(mutex_);
    if (ready_ == ready) return;
    ready_ = ready;
  }
  changed_.notify_all();
}

std::size_t Readiness::get() const {
  const std::lock_guard lock(mutex_);
  return ready_;
}

bool Readiness::wait(Duration timeout, const std::function<bool(std::size_t)>& is_enough) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return is_enough(ready_); });
}

}  // namespace brontes
