#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/channel/detail/hedge_timer.hpp>
#include <brontes/discovery/channel/detail/unary_call.hpp>

namespace brontes {
namespace {

constexpr auto kName = "discovery.hedge_timer";
constexpr Duration kShortestNap = std::chrono::milliseconds(1),
                   kLongestNap = std::chrono::seconds(1);

class HedgeTimerActor : public HedgeTimer::base {
 public:
  HedgeTimerActor(caf::actor_config& config, std::shared_ptr<HedgeQueue> queue)
      : HedgeTimer::base(config), queue_(std::move(queue)) {}
  const char* name() const override { return kName; }
  HedgeTimer::behavior_type make_behavior() override {
    return {
        [this](LookForSlowCalls) { look(); },
        [this](RollLatencies) { queue_->roll(brontes::now(this)); },
    };
  }
  void on_exit() override { queue_.reset(); }

 private:
  void look() {
    const TimePoint time = brontes::now(this);
    if (time >= wake_at_) wake_at_ = TimePoint::max();
    for (const auto& each : queue_->take_due(time))
      if (const auto call = each.lock()) call->hedge();
    const TimePoint due = queue_->next();
    if (due == TimePoint::max()) return;
    // Short naps: a pending tick keeps what is left of this actor in memory.
    const TimePoint at = std::clamp(due, time + kShortestNap, time + kLongestNap);
    if (at >= wake_at_) return;
    wake_at_ = at;
    send_after(this, HedgeTimer(this), at - time, LookForSlowCalls{});
  }

  std::shared_ptr<HedgeQueue> queue_;
  TimePoint wake_at_ = TimePoint::max();  // of the earliest LookForSlowCalls on its way
};

}  // namespace

HedgeQueue::HedgeQueue(std::vector<std::shared_ptr<LatencyWindow>> windows, TimePoint now)
    : windows_(std::move(windows)), rolled_at_(now.time_since_epoch().count()) {}

void HedgeQueue::detach() {
  const std::lock_guard lock(mutex_);
  timer_ = nullptr;
  watches_.clear();
}

void HedgeQueue::watch(std::weak_ptr<UnaryCall> call, TimePoint at) {
  const std::lock_guard lock(mutex_);
  if (!timer_ || watches_.size() >= kMost) return;
  watches_.push_back({at, std::move(call)});
  std::push_heap(watches_.begin(), watches_.end());
  if (at >= awake_at_) return;
  awake_at_ = at;
  tell(timer_, LookForSlowCalls{});
}

void HedgeQueue::record(LatencyWindow& window, Duration took, TimePoint now) {
  window.record(took);
  auto rolled = rolled_at_.load(std::memory_order_relaxed);
  const auto time = now.time_since_epoch().count();
  if (time - rolled < LatencyWindow::kStep.count()) return;
  if (!rolled_at_.compare_exchange_strong(rolled, time)) return;  // somebody else tells
  const std::lock_guard lock(mutex_);
  if (timer_) tell(timer_, RollLatencies{});
}

std::vector<std::weak_ptr<UnaryCall>> HedgeQueue::take_due(TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::weak_ptr<UnaryCall>> due;
  while (!watches_.empty() && watches_.front().at <= now) {
    std::pop_heap(watches_.begin(), watches_.end());
    due.push_back(std::move(watches_.back().call));
    watches_.pop_back();
  }
  return due;
}

TimePoint HedgeQueue::next() {
  const std::lock_guard lock(mutex_);
  awake_at_ = watches_.empty() ? TimePoint::max() : watches_.front().at;
  return awake_at_;
}

void HedgeQueue::roll(TimePoint now) {
  for (const auto& window : windows_) window->roll(now);
}

HedgeTimer spawn_hedge_timer(System& system, std::shared_ptr<HedgeQueue> queue) {
  return spawn_plumbing<HedgeTimerActor>(system, kName, std::move(queue));
}

}  // namespace brontes
