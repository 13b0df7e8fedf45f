#include <spdlog/fmt/fmt.h>
#include <brontes/actors/metrics.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <brontes/actors/resilience/detail/places.hpp>
#include <brontes/actors/resilience/detail/waiting_line.hpp>
#include <utility>

namespace brontes {

Status BulkheadOptions::check() const {
  using namespace std::chrono_literals;
  Status status = detail::within("max_concurrent", max_concurrent, 1, 1e6);
  if (status.ok()) status = detail::within("max_waiting", max_waiting, 0, 100'000);
  if (status.ok()) status = detail::within("max_wait", max_wait, max_waiting > 0 ? 1ns : 0ns, 1h);
  return status;
}

struct Bulkhead::State final : detail::Takeable {
  State(const Clock& its_clock, std::string its_name, BulkheadOptions its_options)
      : clock(its_clock),
        name(std::move(its_name)),
        options(its_options),
        places(options.max_concurrent) {}

  bool take(TimePoint) override { return places.enter_from_line(); }
  TimePoint look_again(TimePoint) const override { return TimePoint::max(); }
  void give_back() override { (void)places.leave(); }
  void left_line(bool in_time) override {
    places.leave_line();
    if (!in_time) not_in_time.add();
  }

  Status refusal(const std::string& waited) const {
    return {Errc::kResourceExhausted,
            fmt::format("bulkhead {}: {} calls run already{}; try again later", name,
                        options.max_concurrent, waited)};
  }

  const Clock& clock;
  const std::string name;
  const BulkheadOptions options;
  detail::Places places;
  Counter full, not_in_time;
  detail::WaitingLine line;  ///< null: nobody may wait
};

Bulkhead::Bulkhead(std::shared_ptr<State> state) : state_(std::move(state)) {}

Bulkhead::~Bulkhead() {
  if (state_->line) stop(std::exchange(state_->line, nullptr));
}

Expected<std::shared_ptr<Bulkhead>> Bulkhead::make(System& system, std::string name,
                                                   BulkheadOptions options) {
  if (name.empty()) return fail(Errc::kInvalidArgument, "make a bulkhead: its name is empty");
  if (const Status status = options.check(); !status.ok())
    return fail(status.code(), "make bulkhead " + name + ": " + status.message());
  auto state = std::make_shared<State>(system.clock(), std::move(name), options);
  if (options.max_waiting > 0)
    state->line = detail::spawn_waiting_line(system, "bulkhead " + state->name, state);
  return std::shared_ptr<Bulkhead>(new Bulkhead(std::move(state)));
}

const std::string& Bulkhead::name() const { return state_->name; }

Entry Bulkhead::enter(const CallTerms&, bool can_wait, Permit&, Status& why) {
  State& state = *state_;
  if (state.places.enter()) return Entry::kIn;
  const auto count = state.places.count();
  if (can_wait && count.waiting < state.options.max_waiting) return Entry::kMustWait;
  state.full.add();
  why = state.refusal(count.waiting > 0 ? fmt::format(", {} wait", count.waiting) : "");
  return Entry::kRefused;
}

void Bulkhead::wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) {
  State& state = *state_;
  if (!state.places.join(state.options.max_waiting)) {
    state.full.add();
    waiter->refuse(state.refusal(fmt::format(", {} wait", state.options.max_waiting)));
    return;
  }
  const TimePoint patience = after(state.clock, state.options.max_wait);
  detail::join(state.line, terms, waiter, std::min(terms.deadline, patience),
               state.refusal(", and none ended while this one waited"));
}

void Bulkhead::leave(const Permit&, Ending) noexcept {
  // The line may have been closed: then nobody waits.
  if (state_->places.leave() && state_->line) tell(state_->line, detail::LookAtLine{});
}

GuardNumbers Bulkhead::numbers() const {
  const auto count = state_->places.count();
  GuardNumbers numbers{.kind = "bulkhead"};
  numbers.refused = {{"full", state_->full.value()}, {"not_in_time", state_->not_in_time.value()}};
  numbers.now = {{"in_flight", count.inside}, {"waiting", count.waiting}};
  return numbers;
}

}  // namespace brontes
