#include <spdlog/fmt/fmt.h>
#include <brontes/actors/metrics.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <brontes/actors/resilience/detail/retry_info.hpp>
#include <brontes/actors/resilience/detail/token_meter.hpp>
#include <brontes/actors/resilience/detail/waiting_line.hpp>
#include <brontes/actors/resilience/rate_limit.hpp>
#include <utility>

namespace brontes {

Status RateLimitOptions::check() const {
  using namespace std::chrono_literals;
  Status status = detail::within("per_second", per_second, 0.001, 1e7);
  if (status.ok()) status = detail::within("burst", burst, 1, 1e6);
  if (status.ok()) status = detail::within("max_wait", max_wait, 0ns, 1h);
  if (status.ok()) status = detail::within("max_waiting", max_waiting, 1, 100'000);
  if (status.ok() && burst / per_second > 86'400)
    return {
        Errc::kInvalidArgument,
        fmt::format("burst: {} take more than a day to fill at {} per_second", burst, per_second)};
  return status;
}

struct RateLimit::State final : detail::Takeable {
  State(const Clock& its_clock, std::string its_name, RateLimitOptions its_options)
      : clock(its_clock),
        name(std::move(its_name)),
        options(its_options),
        meter(options.per_second, options.burst, clock.now()) {}

  bool take(TimePoint now) override { return meter.take(now); }
  TimePoint look_again(TimePoint now) const override { return meter.due(now); }
  void give_back() override { meter.give_back(); }
  void left_line(bool in_time) override {
    waiting.fetch_sub(1, std::memory_order_relaxed);
    if (!in_time) not_in_time.add();
  }

  Status refusal(Duration delay) const {
    return detail::retry_after(
        Errc::kResourceExhausted,
        fmt::format("rate limit {}: more than {} calls a second; try again in {}", name,
                    options.per_second, detail::in_words(delay)),
        delay);
  }

  const Clock& clock;
  const std::string name;
  const RateLimitOptions options;
  detail::TokenMeter meter;
  std::atomic<std::uint32_t> waiting{0};
  Counter no_token, full, not_in_time;
  detail::WaitingLine line;  ///< null: nobody may wait
};

RateLimit::RateLimit(std::shared_ptr<State> state) : state_(std::move(state)) {}

RateLimit::~RateLimit() {
  if (state_->line) stop(std::exchange(state_->line, nullptr));
}

Expected<std::shared_ptr<RateLimit>> RateLimit::make(System& system, std::string name,
                                                     RateLimitOptions options) {
  if (name.empty()) return fail(Errc::kInvalidArgument, "make a rate limit: its name is empty");
  if (const Status status = options.check(); !status.ok())
    return fail(status.code(), "make rate limit " + name + ": " + status.message());
  auto state = std::make_shared<State>(system.clock(), std::move(name), options);
  if (options.max_wait > Duration::zero())
    state->line = detail::spawn_waiting_line(system, "rate limit " + state->name, state);
  return std::shared_ptr<RateLimit>(new RateLimit(std::move(state)));
}

const std::string& RateLimit::name() const { return state_->name; }

Entry RateLimit::enter(const CallTerms& terms, bool can_wait, Permit&, Status& why) {
  State& state = *state_;
  const TimePoint now = state.clock.now();
  const auto ahead = state.waiting.load(std::memory_order_relaxed);
  if (ahead == 0 && state.meter.take(now)) return Entry::kIn;
  const TimePoint due = state.meter.due(now, ahead);
  if (!can_wait || state.options.max_wait == Duration::zero()) {
    state.no_token.add();
  } else if (due - now > state.options.max_wait || due > terms.deadline) {
    state.not_in_time.add();
  } else if (ahead >= state.options.max_waiting) {
    state.full.add();
  } else {
    return Entry::kMustWait;
  }
  why = state.refusal(due - now);
  return Entry::kRefused;
}

void RateLimit::wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) {
  State& state = *state_;
  const TimePoint now = state.clock.now();
  if (state.waiting.fetch_add(1, std::memory_order_relaxed) >= state.options.max_waiting) {
    state.waiting.fetch_sub(1, std::memory_order_relaxed);
    state.full.add();
    waiter->refuse(state.refusal(state.options.max_wait));
    return;
  }
  detail::join(state.line, terms, waiter, std::min(terms.deadline, now + state.options.max_wait),
               state.refusal(state.meter.due(now) - now));
}

GuardNumbers RateLimit::numbers() const {
  GuardNumbers numbers{.kind = "rate_limit"};
  numbers.refused = {{"no_token", state_->no_token.value()},
                     {"line_full", state_->full.value()},
                     {"not_in_time", state_->not_in_time.value()}};
  numbers.now = {{"waiting", state_->waiting.load()}};
  return numbers;
}

}  // namespace brontes
