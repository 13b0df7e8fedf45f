#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <brontes/actors/resilience/detail/run_guarded.hpp>
#include <brontes/actors/resilience/time_limit.hpp>
#include <deque>

namespace brontes::detail {

struct WatchCall {
  TimePoint due{};
  std::shared_ptr<Expiry> call;
};
struct WatchTick {};  ///< timer, while there are calls

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::WatchCall)
BRONTES_MESSAGE(brontes::detail::WatchTick)

namespace brontes {
namespace {

using TimeWatch = Interface<void(detail::WatchCall), void(detail::WatchTick)>;

// Holds each call until its time is up: all wait equally long, so the first is due first. Of one
// that has ended little is left.
class TimeWatchActor : public TimeWatch::base {
 public:
  explicit TimeWatchActor(caf::actor_config& config) : TimeWatch::base(config) {}
  const char* name() const override { return "resilience.time_limit"; }

  behavior_type make_behavior() override {
    return {
        [this](detail::WatchCall& watch) {
          calls_.push_back(std::move(watch));
          if (calls_.size() == 1) tick_later();
        },
        [this](detail::WatchTick) { look(); },
    };
  }
  void on_exit() override { calls_.clear(); }

 private:
  void look() {
    const TimePoint time = brontes::now(this);
    while (!calls_.empty() && calls_.front().due <= time) {
      const auto call = std::move(calls_.front().call);
      calls_.pop_front();
      detail::run_guarded("resilience.time_limit", [&] { call->time_is_up(); });
    }
    if (!calls_.empty()) tick_later();
  }
  void tick_later() {
    send_after(this, TimeWatch(this),
               std::max(calls_.front().due - brontes::now(this), Duration(0)), detail::WatchTick{});
  }

  std::deque<detail::WatchCall> calls_;
};

}  // namespace

struct TimeLimit::State {
  State(System& system, Duration its_limit)
      : clock(system.clock()),
        limit(its_limit),
        watch(spawn_plumbing<TimeWatchActor>(system, "resilience.time_limit")) {}
  ~State() { stop(watch); }
  const Clock& clock;
  const Duration limit;
  const TimeWatch watch;
};

Expected<TimeLimit> TimeLimit::make(System& system, Duration limit) {
  using namespace std::chrono_literals;
  if (const Status status = detail::within("limit", limit, 1ms, 24h); !status.ok())
    return fail(status.code(), "make a time limit: " + status.message());
  return TimeLimit(std::make_shared<State>(system, limit));
}

std::string TimeLimit::describe() const { return "at most " + detail::in_words(limit()); }
TimePoint TimeLimit::now() const { return state_->clock.now(); }
Duration TimeLimit::limit() const { return state_->limit; }

Status TimeLimit::late() const {
  return {Errc::kDeadlineExceeded, "the call took longer than " + detail::in_words(limit()) +
                                       "; whatever it returns is dropped"};
}

void TimeLimit::watch(TimePoint due, std::shared_ptr<detail::Expiry> call) const {
  tell(state_->watch, detail::WatchCall{due, std::move(call)});
}

}  // namespace brontes
