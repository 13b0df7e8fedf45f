#include <algorithm>
#include <atomic>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/log_every.hpp>
#include <brontes/actors/log_hold.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/lifecycle.hpp>
#include <mutex>
#include <thread>

namespace brontes {

struct BeginPhase {};
/// What a phase, or the clock, says about the phase of that number.
struct PhaseOver {
  std::size_t number;
  Status status;
};
/// The phase of that number has reached its bound, unless it is over.
struct PhaseLate {
  std::size_t number;
};
/// The phase of that number is given a while already.
struct PhaseLags {
  std::size_t number;
};
struct CutPhases {};
struct BreakOffPhases {};

}  // namespace brontes

BRONTES_MESSAGE(brontes::BeginPhase)
BRONTES_MESSAGE(brontes::PhaseOver)
BRONTES_MESSAGE(brontes::PhaseLate)
BRONTES_MESSAGE(brontes::PhaseLags)
BRONTES_MESSAGE(brontes::CutPhases)
BRONTES_MESSAGE(brontes::BreakOffPhases)

namespace brontes {
namespace {

constexpr const char* kLifecycleLogger = "runtime.lifecycle";

// After it somebody who watches wants to know what it waits for.
constexpr Duration kLag = std::chrono::seconds(1);

using Runner = Interface<void(BeginPhase), void(PhaseOver), void(PhaseLate), void(PhaseLags),
                         void(CutPhases), void(BreakOffPhases)>;

struct Plan {
  std::string what;
  std::vector<Phase> phases;
  OnFailure on_failure;
  PhasesDone done;
};

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

class PhaseRunner final : public Runner::base {
 public:
  PhaseRunner(caf::actor_config& config, Plan plan)
      : Runner::base(config), plan_(std::move(plan)) {}

  Runner::behavior_type make_behavior() override {
    return {
        [this](BeginPhase) { begin(); },
        [this](PhaseOver& over) { end(over); },
        [this](PhaseLate late) {
          if (is_current(late.number)) end({late.number, lapse(plan_.phases[current_])});
        },
        [this](PhaseLags lags) { tell_lag(lags.number); },
        [this](CutPhases) { cut(); },
        [this](BreakOffPhases) { break_off(); },
    };
  }

 private:
  void begin() {
    if (current_ == plan_.phases.size()) return finish();
    const Phase& phase = plan_.phases[current_];
    if (broken_off_) {
      reports_.push_back({phase.name, broken_off(), {}});
      return finish();
    }
    began_ = brontes::now(this);
    if (hurried_ && phase.may_be_cut) return end({current_, {}});
    brontes::send_after(this, Runner(this), phase.bound, PhaseLate{current_});
    if (!phase.begin) return;
    if (phase.bound > kLag) brontes::send_after(this, Runner(this), kLag, PhaseLags{current_});
    phase.begin([self = Runner(this), number = current_](Status status) {
      tell(self, PhaseOver{number, std::move(status)});
    });
  }

  bool is_current(std::size_t number) const {
    return number == current_ && current_ < plan_.phases.size();
  }

  void tell_lag(std::size_t number) {
    if (!is_current(number)) return;
    log_every(LogLevel::kInfo, kLifecycleLogger, "phase goes on run={} phase=\"{}\" bound_ms={}",
              plan_.what, plan_.phases[current_].name, milliseconds(plan_.phases[current_].bound));
    release_log();
  }

  static Status broken_off() { return {Errc::kCancelled, "broken off: asked to stop"}; }

  /// What the clock says when the bound is reached.
  static Status lapse(const Phase& phase) {
    if (phase.late_is_fine) return {};
    if (phase.at_bound) return phase.at_bound();
    return {Errc::kDeadlineExceeded,
            "not done in " + std::to_string(milliseconds(phase.bound)) + " ms; left alone"};
  }

  void end(const PhaseOver& over) {
    if (!is_current(over.number)) return;
    const std::string& name = plan_.phases[current_].name;
    const Duration took = brontes::now(this) - began_;
    if (over.status.ok())
      log_every(LogLevel::kInfo, kLifecycleLogger, "phase ended run={} phase=\"{}\" took_ms={}",
                plan_.what, name, milliseconds(took));
    else
      log_every(LogLevel::kWarn, kLifecycleLogger,
                "phase failed run={} phase=\"{}\" took_ms={} cause=\"{}\"", plan_.what, name,
                milliseconds(took), over.status.to_string());
    reports_.push_back({name, over.status, took});
    const bool stops = !over.status.ok() && plan_.on_failure == OnFailure::kBreakOff;
    current_ = stops ? plan_.phases.size() : current_ + 1;
    tell(Runner(this), BeginPhase{});
  }

  void cut() {
    hurried_ = true;
    if (current_ < plan_.phases.size() && plan_.phases[current_].may_be_cut) end({current_, {}});
  }

  void break_off() {
    if (plan_.on_failure == OnFailure::kGoOn) return;
    broken_off_ = true;
    if (current_ < plan_.phases.size() && plan_.phases[current_].may_be_left)
      end({current_, broken_off()});
  }

  void finish() {
    if (plan_.done) plan_.done(std::move(reports_));
    plan_ = {};
    quit();
  }

  Plan plan_;
  std::size_t current_ = 0;
  TimePoint began_{};
  bool hurried_ = false, broken_off_ = false;
  std::vector<PhaseReport> reports_;
};

}  // namespace

Phase Phase::pause(std::string name, Duration time) {
  return {std::move(name), time, {}, true, true};
}

void PhaseRun::hurry() const {
  if (hurry_) hurry_();
}

void PhaseRun::break_off() const {
  if (break_off_) break_off_();
}

PhaseRun run_phases(System& system, std::string what, std::vector<Phase> phases,
                    OnFailure on_failure, PhasesDone done) {
  const Runner runner = system.caf().spawn<PhaseRunner>(
      Plan{std::move(what), std::move(phases), on_failure, std::move(done)});
  tell(runner, BeginPhase{});
  PhaseRun run;
  run.hurry_ = [runner] { tell(runner, CutPhases{}); };
  run.break_off_ = [runner] { tell(runner, BreakOffPhases{}); };
  return run;
}

Status first_failure(const std::vector<PhaseReport>& reports) {
  for (const auto& report : reports)
    if (!report.status.ok())
      return {report.status.code(), report.name + ": " + report.status.message()};
  return {};
}

struct PhaseThreads::State {
  std::atomic<int> busy{0};
  std::mutex mutex;
  std::vector<std::jthread> threads;
};

PhaseThreads::PhaseThreads() : state_(std::make_shared<State>()) {}
PhaseThreads::~PhaseThreads() {
  std::vector<std::jthread> threads;
  const std::lock_guard lock(state_->mutex);
  threads.swap(state_->threads);
}

std::function<void(PhaseEnd)> PhaseThreads::blocking(std::function<Status()> work) {
  return [state = std::weak_ptr(state_), work = std::move(work)](PhaseEnd end) {
    const auto alive = state.lock();
    if (!alive) return end({Errc::kCancelled, "its owner is gone"});
    const std::lock_guard lock(alive->mutex);
    ++alive->busy;
    alive->threads.emplace_back([counter = std::weak_ptr(alive), work, end = std::move(end)] {
      Status status;
      try {
        status = work();
      } catch (const std::exception& error) {
        status = {Errc::kInternal, error.what()};
      } catch (...) {
        status = {Errc::kInternal, "something was thrown that is no std::exception"};
      }
      if (const auto state = counter.lock()) --state->busy;
      end(std::move(status));
    });
  };
}

bool PhaseThreads::busy() const { return state_->busy > 0; }

}  // namespace brontes
