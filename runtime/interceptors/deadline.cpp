#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/detail/curfew.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>

namespace brontes {

struct Deadline::Curfew {
  std::shared_ptr<detail::LimitedCalls> calls;
  detail::CurfewTimer timer;
};

Deadline::Deadline(System& system, DeadlineOptions options) : options_(options) {
  if (std::max(options_.default_timeout, options_.max_timeout) <= Duration::zero()) return;
  auto calls = std::make_shared<detail::LimitedCalls>();
  auto timer = detail::spawn_curfew_timer(system, calls);
  curfew_ = std::make_unique<Curfew>(Curfew{std::move(calls), std::move(timer)});
}

Deadline::~Deadline() {
  if (curfew_) stop(curfew_->timer);
}

Status Deadline::on_headers(Call& call) {
  if (call.expired())
    return {Errc::kDeadlineExceeded, "the call arrived after its deadline; it was not served"};
  const TimePoint asked = call.deadline();
  if (asked == TimePoint::max() && options_.default_timeout > Duration::zero())
    call.limit_deadline(after(call.clock(), options_.default_timeout));
  if (options_.max_timeout > Duration::zero())
    call.limit_deadline(after(call.clock(), options_.max_timeout));
  if (const TimePoint at = call.deadline(); at < asked && curfew_->calls->add(call, at))
    tell(curfew_->timer, detail::SetCurfew{at});
  return {};
}

void Deadline::on_done(const Call& call, const Outcome&) noexcept {
  if (curfew_) curfew_->calls->remove(call);
}

}  // namespace brontes
