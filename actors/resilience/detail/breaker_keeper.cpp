#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/actors/resilience/detail/breaker_keeper.hpp>
#include <brontes/actors/resilience/detail/run_guarded.hpp>
#include <utility>
#include <vector>

namespace brontes::detail {
namespace {

constexpr const char* kKeeperName = "resilience.breaker";

class BreakerKeeperActor : public BreakerKeeper::base {
 public:
  BreakerKeeperActor(caf::actor_config& config, std::shared_ptr<BreakerCore> core,
                     Duration clear_every)
      : BreakerKeeper::base(config), core_(std::move(core)), clear_every_(clear_every) {}

  const char* name() const override { return kKeeperName; }

  behavior_type make_behavior() override {
    forget_later(core_->view().generation);
    return {
        [this](const BreakerTransition& change) { follow(change); },
        [this](const GenerationDue& due) { go_on(due.generation); },
        [this](const ForgetFailures& due) { forget(due.generation); },
        [this](ThrottleTurned) { look_at_throttle(); },
        [this](const ForceBreaker& wish) { core_->force(wish.to, wish.time); },
        [this](ReleaseBreaker) { core_->release(); },
        [this](const HearBreaker& wish) { listeners_.push_back(wish.listener); },
    };
  }

  void on_exit() override {
    core_.reset();
    listeners_.clear();
  }

 private:
  void follow(const BreakerTransition& change) {
    throttling_ = false;
    announce(change);
    const auto& view = change.now;
    if (view.until != TimePoint::max())
      send_after(this, BreakerKeeper(this), view.until - brontes::now(this),
                 GenerationDue{view.generation});
    if (view.state == BreakerState::kClosed) forget_later(view.generation);
  }

  void go_on(std::uint64_t generation) {
    const auto view = core_->view();
    if (view.generation < generation) {  // its maker has told, and is about to publish it
      send_after(this, BreakerKeeper(this), std::chrono::milliseconds(1),
                 GenerationDue{generation});
    } else if (view.generation == generation) {
      if (view.forced)
        core_->release();
      else
        core_->end(generation, BreakerState::kHalfOpen, "open for long enough");
    }
  }

  void forget_later(std::uint64_t generation) {
    if (clear_every_ > Duration::zero())
      send_after(this, BreakerKeeper(this), clear_every_, ForgetFailures{generation});
  }

  void forget(std::uint64_t generation) {
    if (core_->view().generation != generation) return;
    core_->forget_failures();
    forget_later(generation);
  }

  void look_at_throttle() {
    core_->throttle_heard();
    const auto view = core_->view();
    const bool throttles = view.state == BreakerState::kThrottling;
    if (throttles == throttling_) return;
    throttling_ = throttles;
    core_->count_turn(view.state);
    BreakerTransition change{core_->name(),
                             throttles ? BreakerState::kClosed : BreakerState::kThrottling, view};
    change.now.since = brontes::now(this);
    change.now.why = throttles ? "too many calls fail" : "few calls fail";
    announce(change);
  }

  void announce(const BreakerTransition& change) {
    const auto level =
        change.now.state == BreakerState::kClosed ? LogLevel::kInfo : LogLevel::kWarn;
    log(level, kKeeperName, "breaker changed breaker={} from={} to={} forced={} why=\"{}\"",
        change.breaker, to_string(change.from), to_string(change.now.state), change.now.forced,
        change.now.why);
    std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
    const auto all = listeners_;
    for (const auto& each : all)
      if (const auto listener = each.lock()) run_guarded(kKeeperName, [&] { (*listener)(change); });
  }

  std::shared_ptr<BreakerCore> core_;
  const Duration clear_every_;
  std::vector<std::weak_ptr<BreakerListener>> listeners_;
  bool throttling_ = false;  // as announced
};

}  // namespace

BreakerKeeper spawn_breaker_keeper(System& system, std::shared_ptr<BreakerCore> core,
                                   Duration clear_every) {
  return spawn_plumbing<BreakerKeeperActor>(system, kKeeperName, std::move(core), clear_every);
}

}  // namespace brontes::detail
