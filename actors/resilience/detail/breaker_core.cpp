#include <spdlog/fmt/fmt.h>
#include <algorithm>
#include <brontes/actors/resilience/detail/breaker_core.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <random>
#include <utility>

namespace brontes {

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kHalfOpen:
      return "half_open";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kThrottling:
      return "throttling";
  }
  return "unknown";
}

}  // namespace brontes

namespace brontes::detail {
namespace {

std::int64_t lease_ticks(TimePoint time) { return time.time_since_epoch().count(); }

/// In [0, 1), by splitmix64.
double draw_chance(std::atomic<std::uint64_t>& draws, std::uint64_t seed) {
  std::uint64_t x = seed + (draws.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1.0p-53;
}

std::uint64_t breaker_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

BreakerCore::BreakerCore(const Clock& clock, std::string name, BreakerOptions options)
    : clock_(clock),
      name_(std::move(name)),
      options_(std::move(options)),
      seed_(options_.seed != 0 ? options_.seed : breaker_seed()),
      current_(make(1, {BreakerState::kClosed, "new"})) {
  for (const Errc code : options_.failures) failures_ |= 1u << static_cast<unsigned>(code);
}

void BreakerCore::report_to(std::function<void(const BreakerTransition&)> on_change,
                            std::function<void()> on_throttle) {
  on_change_ = std::move(on_change);
  on_throttle_ = std::move(on_throttle);
}

Entry BreakerCore::enter(Permit& permit, Status& why) {
  return current_.read([&](const Generation& now) {
    permit.generation = now.view.generation;
    switch (now.view.state) {
      case BreakerState::kHalfOpen:
        return take_lease(now, permit, why);
      case BreakerState::kOpen:
        (now.view.forced ? refused_forced_ : refused_open_).add();
        why = now.refusal;
        return Entry::kRefused;
      default:
        if (options_.rule == BreakerOptions::Rule::kThrottle && !now.view.forced)
          return throttle(now, permit, why);
        // Over, and its successor is not there yet: the call would not count.
        return Entry::kIn;
    }
  });
}

Entry BreakerCore::take_lease(const Generation& now, Permit& permit, Status& why) {
  auto& ledger = *now.ledger;
  const TimePoint time = clock_.now();
  const Duration length =
      options_.probe_timeout > Duration::zero() ? options_.probe_timeout : options_.open_for;
  for (std::uint32_t slot = 0; slot < ledger.leases.size(); ++slot) {
    auto& lease = ledger.leases[slot];
    std::int64_t until = lease.load(std::memory_order_relaxed);
    if (until > lease_ticks(time)) continue;  // lent, or passed
    if (!lease.compare_exchange_strong(until, lease_ticks(time + length),
                                       std::memory_order_relaxed))
      continue;
    permit.slot = slot;
    permit.lease = lease_ticks(time + length);
    return Entry::kIn;
  }
  refused_probing_.add();
  why = now.refusal;
  return Entry::kRefused;
}

Entry BreakerCore::throttle(const Generation& now, Permit&, Status& why) {
  auto& ledger = *now.ledger;
  const TimePoint time = clock_.now();
  const auto sum = ledger.window.sum(time);
  const double worth = options_.throttle_factor * sum.good;
  const double excess = sum.all() < options_.min_calls ? 0 : sum.all() - worth;
  const bool throttles = excess > 0;
  if (ledger.throttling.load(std::memory_order_relaxed) != throttles &&
      ledger.throttling.exchange(throttles) != throttles && !throttle_told_.exchange(true))
    on_throttle_();
  if (!throttles || draw_chance(ledger.draws, seed_) >= excess / (sum.all() + 1.0))
    return Entry::kIn;
  ledger.window.add(time, false);  // a call that was wanted and not served
  refused_throttled_.add();
  why = now.refusal;
  return Entry::kRefused;
}

void BreakerCore::leave(const Permit& permit, Ending ending) noexcept {
  const bool failed = !ending.refused && is_failure(ending.code);
  const bool neutral = !failed && (ending.refused || ending.code != Errc::kOk);
  current_.read([&](const Generation& now) {
    if (now.view.generation != permit.generation)
      late_.add();
    else if (now.view.state == BreakerState::kHalfOpen)
      settle(now, permit, ending.code, failed, neutral);
    else if (!neutral && !now.view.forced)
      count(now, ending.code, failed);
  });
}

void BreakerCore::count(const Generation& now, Errc code, bool failed) {
  auto& ledger = *now.ledger;
  if (options_.rule == BreakerOptions::Rule::kConsecutive) {
    if (!failed) {
      if (ledger.in_a_row.load(std::memory_order_relaxed) != 0)
        ledger.in_a_row.store(0, std::memory_order_relaxed);
      return;
    }
    const auto row = ledger.in_a_row.fetch_add(1, std::memory_order_relaxed) + 1;
    if (row > options_.max_consecutive)
      succeed(now, {BreakerState::kOpen,
                    fmt::format("{} failures in a row, the last one {}", row, to_string(code))});
    return;
  }
  const TimePoint time = clock_.now();
  ledger.window.add(time, !failed);
  if (options_.rule != BreakerOptions::Rule::kShare) return;
  const auto sum = ledger.window.sum(time);
  if (sum.all() < options_.min_calls) return;
  const std::uint64_t percent = (std::uint64_t{200} * sum.bad / sum.all() + 1) / 2;
  if (percent >= options_.open_at_percent)
    succeed(now, {BreakerState::kOpen, fmt::format("{} of {} calls failed, the last one {}",
                                                   sum.bad, sum.all(), to_string(code))});
}

void BreakerCore::settle(const Generation& now, const Permit& permit, Errc code, bool failed,
                         bool neutral) {
  auto& ledger = *now.ledger;
  std::int64_t mine = permit.lease;
  const auto then = neutral ? Ledger::kFree : Ledger::kSpent;
  if (!ledger.leases[permit.slot].compare_exchange_strong(mine, then, std::memory_order_relaxed)) {
    late_.add();  // it ran out, and somebody else probes
  } else if (failed) {
    succeed(now, {BreakerState::kOpen, fmt::format("a probe failed with {}", to_string(code))});
  } else if (!neutral &&
             ledger.passed.fetch_add(1, std::memory_order_relaxed) + 1 == ledger.leases.size()) {
    succeed(now, {BreakerState::kClosed, fmt::format("{} probes passed", ledger.leases.size())});
  }
}

bool BreakerCore::succeed(const Generation& now, Next next) {
  if (now.ledger->over.exchange(true)) return false;
  if (next.state == BreakerState::kOpen && !next.forced) next.lasts = options_.open_for;
  const auto successor = make(now.view.generation + 1, std::move(next));
  turned_[static_cast<std::size_t>(successor->view.state)].add();
  if (on_change_) on_change_({name_, now.view.state, successor->view});
  current_.publish(successor);
  return true;
}

std::shared_ptr<const Generation> BreakerCore::make(std::uint64_t number, Next next) const {
  const TimePoint time = clock_.now();
  auto made = std::make_shared<Generation>();
  const bool ends = next.lasts < TimePoint::max() - time;
  made->view = {next.state,  number,
                time,        ends ? time + next.lasts : TimePoint::max(),
                next.forced, std::move(next.why)};
  made->refusal = refusal(made->view);
  made->ledger = std::make_unique<Ledger>(options_, time);
  return made;
}

Status BreakerCore::refusal(const BreakerView& view) const {
  std::string text = "breaker " + name_;
  if (view.state == BreakerState::kHalfOpen)
    text += fmt::format(": half open, {} probes are on their way; try later", options_.probes);
  else if (view.state == BreakerState::kClosed)
    text += ": too many calls fail, a part is refused; try later";
  else
    text += view.forced ? ": forced open" : ": open (" + view.why + ")";
  if (view.state == BreakerState::kOpen && view.until != TimePoint::max())
    text += "; lasts " + in_words(view.until - view.since);
  return {Errc::kUnavailable, std::move(text)};
}

void BreakerCore::forget_failures() {
  current_.read([](const Generation& now) { now.ledger->in_a_row.store(0); });
}

bool BreakerCore::end(std::uint64_t generation, BreakerState to, const std::string& why) {
  return current_.read([&](const Generation& now) {
    return now.view.generation == generation && succeed(now, {to, why});
  });
}

void BreakerCore::force(BreakerState to, Duration time) {
  // Another one may end the generation first; there are few who could.
  while (!current_.read([&](const Generation& now) {
    return succeed(now, {to, "forced", time, true});
  })) {
  }
}

void BreakerCore::release() {
  while (!current_.read([&](const Generation& now) {
    return !now.view.forced || succeed(now, {BreakerState::kClosed, "released"});
  })) {
  }
}

BreakerView BreakerCore::view() const {
  return current_.read([](const Generation& now) {
    BreakerView view = now.view;
    if (now.ledger->throttling.load(std::memory_order_relaxed))
      view.state = BreakerState::kThrottling;
    return view;
  });
}

GuardNumbers BreakerCore::numbers() const {
  GuardNumbers numbers{.kind = "breaker"};
  numbers.refused = {{"open", refused_open_.value()},
                     {"forced", refused_forced_.value()},
                     {"probing", refused_probing_.value()},
                     {"throttled", refused_throttled_.value()}};
  for (std::size_t i = 0; i < turned_.size(); ++i)
    numbers.turned[std::string(to_string(static_cast<BreakerState>(i)))] = turned_[i].value();
  numbers.now = {{"state", static_cast<double>(view().state)},
                 {"late_answers", static_cast<double>(late_.value())}};
  return numbers;
}

}  // namespace brontes::detail
