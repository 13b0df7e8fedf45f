#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/actors/resilience/detail/run_guarded.hpp>
#include <brontes/actors/resilience/detail/waiting_line.hpp>
#include <list>
#include <utility>

namespace brontes::detail {
namespace {

constexpr const char* kLineName = "resilience.waiting_line";
// Short naps: a pending tick keeps what is left of this actor in memory.
constexpr Duration kLongestLineNap = std::chrono::seconds(1);

class WaitingLineActor : public WaitingLine::base {
 public:
  WaitingLineActor(caf::actor_config& config, std::string owner, std::shared_ptr<Takeable> what)
      : WaitingLine::base(config), owner_(std::move(owner)), what_(std::move(what)) {}

  const char* name() const override { return kLineName; }

  behavior_type make_behavior() override {
    return {
        [this](JoinLine& newcomer) {
          line_.push_back(std::move(newcomer));
          look();
        },
        [this](LookAtLine) { look(); },
        [this](LineTick) {
          if (brontes::now(this) >= tick_at_) tick_at_ = TimePoint::max();
          look();
        },
    };
  }

  void on_exit() override {
    for (auto& each : line_) {
      what_->left_line(false);
      each.waiter->refuse({Errc::kUnavailable, owner_ + ": closed while the call waited for it"});
    }
    line_.clear();
    what_.reset();
  }

 private:
  // At its very deadline a call is let in if it can be, and refused if it cannot.
  void look() {
    const TimePoint time = brontes::now(this);
    drop_late(time - Duration(1));
    while (!line_.empty() && what_->take(time)) {
      const auto first = std::move(line_.front().waiter);
      line_.pop_front();
      what_->left_line(true);
      run_guarded(kLineName, [&] {
        if (!first->let_in({})) what_->give_back();
      });
    }
    drop_late(time);
    look_again(time);
  }

  void drop_late(TimePoint time) {
    for (auto it = line_.begin(); it != line_.end();) {
      const bool late = it->until <= time;
      if (!late && !it->waiter->is_told()) {
        ++it;
        continue;
      }
      what_->left_line(false);
      if (late) run_guarded(kLineName, [&] { it->waiter->refuse(std::move(it->late)); });
      it = line_.erase(it);
    }
  }

  void look_again(TimePoint time) {
    if (line_.empty()) return;
    TimePoint next = std::min(what_->look_again(time), time + kLongestLineNap);
    for (const auto& each : line_) next = std::min(next, each.until);
    if (next >= tick_at_) return;
    tick_at_ = next;
    send_after(this, WaitingLine(this), std::max(next - time, Duration(1)), LineTick{});
  }

  const std::string owner_;
  std::shared_ptr<Takeable> what_;
  std::list<JoinLine> line_;
  TimePoint tick_at_ = TimePoint::max();  // of the earliest tick on its way
};

}  // namespace

WaitingLine spawn_waiting_line(System& system, std::string name, std::shared_ptr<Takeable> what) {
  return spawn_plumbing<WaitingLineActor>(system, kLineName, std::move(name), std::move(what));
}

void join(const WaitingLine& line, const CallTerms& terms,
          const std::shared_ptr<GuardWaiter>& waiter, TimePoint until, Status late) {
  if (terms.cancellation)
    waiter->keep(terms.cancellation->subscribe([line, weak = std::weak_ptr(waiter)] {
      const auto mine = weak.lock();
      if (mine && mine->refuse({Errc::kCancelled, "the caller gave up while the call waited"}))
        tell(line, LookAtLine{});
    }));
  tell(line, JoinLine{waiter, until, std::move(late)});
}

}  // namespace brontes::detail
