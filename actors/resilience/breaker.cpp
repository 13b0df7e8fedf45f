#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/detail/breaker_keeper.hpp>
#include <utility>

namespace brontes {

struct Breaker::State {
  std::shared_ptr<detail::BreakerCore> core;
  detail::BreakerKeeper keeper;
};

Breaker::Breaker(std::unique_ptr<State> state) : state_(std::move(state)) {}
Breaker::~Breaker() { stop(state_->keeper); }

Expected<std::shared_ptr<Breaker>> Breaker::make(System& system, std::string name,
                                                 BreakerOptions options) {
  if (name.empty()) return fail(Errc::kInvalidArgument, "make a breaker: its name is empty");
  if (const Status status = options.check(); !status.ok())
    return fail(status.code(), "make breaker " + name + ": " + status.message());
  const Duration clear_every =
      options.rule == BreakerOptions::Rule::kConsecutive ? options.clear_every : Duration::zero();
  auto core =
      std::make_shared<detail::BreakerCore>(system.clock(), std::move(name), std::move(options));
  auto keeper = detail::spawn_breaker_keeper(system, core, clear_every);
  // They hold each other until the keeper is stopped.
  core->report_to([keeper](const BreakerTransition& change) { tell(keeper, change); },
                  [keeper] { tell(keeper, detail::ThrottleTurned{}); });
  return std::shared_ptr<Breaker>(
      new Breaker(std::make_unique<State>(State{std::move(core), std::move(keeper)})));
}

const std::string& Breaker::name() const { return state_->core->name(); }

Entry Breaker::enter(const CallTerms&, bool, Permit& permit, Status& why) {
  return state_->core->enter(permit, why);
}

void Breaker::leave(const Permit& permit, Ending ending) noexcept {
  state_->core->leave(permit, ending);
}

GuardNumbers Breaker::numbers() const { return state_->core->numbers(); }
BreakerView Breaker::state() const { return state_->core->view(); }

void Breaker::force_open(Duration time) {
  tell(state_->keeper, detail::ForceBreaker{BreakerState::kOpen, time});
}
void Breaker::force_closed(Duration time) {
  tell(state_->keeper, detail::ForceBreaker{BreakerState::kClosed, time});
}
void Breaker::release() { tell(state_->keeper, detail::ReleaseBreaker{}); }

std::shared_ptr<void> Breaker::on_transition(
    std::function<void(const BreakerTransition&)> listener) {
  auto shared = std::make_shared<detail::BreakerListener>(std::move(listener));
  tell(state_->keeper, detail::HearBreaker{shared});
  return shared;
}

}  // namespace brontes
