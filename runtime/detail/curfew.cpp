#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/runtime/detail/curfew.hpp>
#include <utility>

namespace brontes::detail {
namespace {

class CurfewActor : public CurfewTimer::base {
 public:
  CurfewActor(caf::actor_config& config, std::shared_ptr<LimitedCalls> calls)
      : CurfewTimer::base(config), calls_(std::move(calls)) {}
  const char* name() const override { return "runtime.curfew"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](const SetCurfew& message) { wake(message.at); },
            [this](const CurfewTick& message) { tick(message.at); }};
  }

 private:
  void wake(TimePoint at) {
    const Duration delay = std::max(Duration::zero(), Duration(at - brontes::now(this)));
    send_after(this, CurfewTimer(this), delay, CurfewTick{at});
  }
  void tick(TimePoint at) {
    TimePoint next = TimePoint::max();
    for (const CallPtr& call : calls_->take_due(at, brontes::now(this), next)) call->cancel();
    if (next != TimePoint::max()) wake(next);
  }

  std::shared_ptr<LimitedCalls> calls_;
};

}  // namespace

bool LimitedCalls::add(Call& call, TimePoint at) {
  const std::lock_guard lock(mutex_);
  places_[&call] = by_time_.emplace(at, &call);
  if (at >= timer_) return false;
  timer_ = at;
  return true;
}

void LimitedCalls::remove(const Call& call) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(&call);
  if (found == places_.end()) return;
  by_time_.erase(found->second);
  places_.erase(found);
}

std::vector<CallPtr> LimitedCalls::take_due(TimePoint tick, TimePoint now, TimePoint& next) {
  std::vector<CallPtr> due;
  const std::lock_guard lock(mutex_);
  if (tick != timer_) return due;  // a call with less time came after it was set
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    due.emplace_back(by_time_.begin()->second);
    places_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
  next = timer_ = by_time_.empty() ? TimePoint::max() : by_time_.begin()->first;
  return due;
}

CurfewTimer spawn_curfew_timer(System& system, std::shared_ptr<LimitedCalls> calls) {
  return spawn_plumbing<CurfewActor>(system, "runtime.curfew", std::move(calls));
}

}  // namespace brontes::detail
