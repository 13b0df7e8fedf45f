#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <thread>

namespace brontes {
namespace {

constexpr std::chrono::hours kLongRest(1);

struct Config : caf::actor_system_config {
  explicit Config(const SystemOptions& options) {
    set("logger.verbosity", caf::atom("quiet"));
    if (options.deterministic) {
      set("scheduler.policy", caf::atom("testing"));
      return;
    }
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t workers = options.threads > 0 ? options.threads : cores;
    set("scheduler.max-threads", workers);
    // An idle worker otherwise polls with naps of 50 us, during which nobody can wake it.
    set("work-stealing.moderate-poll-attempts", std::size_t{0});
    // A worker that rests is woken for what is its own, and looks every 10 ms whether another one
    // has more than it can do. The only one has nobody to look at.
    if (workers == 1) set("work-stealing.relaxed-sleep-duration", caf::timespan(kLongRest));
  }
};

class ActorClock final : public Clock {
 public:
  explicit ActorClock(caf::actor_system& system) : system_(system) {}
  TimePoint now() const override { return system_.clock().now(); }
  WallTime wall() const override {
    return WallTime(std::chrono::duration_cast<WallTime::duration>(now().time_since_epoch()));
  }

 private:
  caf::actor_system& system_;
};

}  // namespace

struct System::State {
  explicit State(const SystemOptions& options)
      : config(options), actors(config), virtual_clock(actors) {
    // An unset TimePoint shall be long ago in a scenario too.
    if (auto* scheduler = dynamic_cast<caf::scheduler::test_coordinator*>(&actors.scheduler()))
      scheduler->clock().current_time = TimePoint(std::chrono::hours(24));
  }
  Config config;
  caf::actor_system actors;
  ActorClock virtual_clock;
};

System::System(SystemOptions options) : state_(std::make_unique<State>(options)) {}
System::~System() = default;

const Clock& System::clock() const {
  return deterministic() ? static_cast<const Clock&>(state_->virtual_clock) : system_clock();
}

caf::actor_system& System::caf() { return state_->actors; }

bool System::deterministic() const {
  return get_or(state_->config, "scheduler.policy", caf::atom("")) == caf::atom("testing");
}

}  // namespace brontes
