// A process starts and stops in named phases: each is bounded, timed in the log, and told to be
// over by whatever it waits for. See docs/lifecycle.md for the phases of a node.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

class System;

/// Ends the phase that it was given to; later calls, and calls after the bound, are ignored.
/// Thread-safe, copyable.
using PhaseEnd = std::function<void(Status)>;

struct Phase {
  std::string name;  ///< in the log: "deregister"
  Duration bound;    ///< then it is over, by default with kDeadlineExceeded: see `at_bound`
  /// Begins it. Runs in an actor's turn: must not block or throw; see blocking().
  std::function<void(PhaseEnd)> begin;
  bool may_be_cut = false;    ///< hurry() ends it at once, as if it had gone well
  bool late_is_fine = false;  ///< reaching the bound is no failure

  bool may_be_left = false;  ///< break_off() does not wait for its end
  /// What it means that the bound was reached before the phase had ended; what it began is left
  /// alone in any case. Asked in an actor's turn, then: must not block or throw. Null: a failure,
  /// unless late_is_fine.
  std::function<Status()> at_bound = {};

  /// Lets time pass; that it is over is no failure.
  static Phase pause(std::string name, Duration time);
};

struct PhaseReport {
  std::string name;
  Status status;
  Duration took{};
};

enum class OnFailure {
  kBreakOff,  ///< the phases after a failed one are not begun: starting
  kGoOn,      ///< they are: stopping
};

/// Called once, in an actor's turn, with a report for each phase that was begun.
using PhasesDone = std::function<void(std::vector<PhaseReport>)>;

/// A sequence of phases under way. Copies are the same run; letting go of it changes nothing.
class PhaseRun {
 public:
  /// Cuts the waits: phases that may be cut end at once, now and later ones. Thread-safe.
  void hurry() const;
  /// Begins no further phase; the current one, and the run, fail with kCancelled. A phase that may
  /// be left ends at once, another one in its time. Nothing with OnFailure::kGoOn. Thread-safe.
  void break_off() const;

 private:
  friend PhaseRun run_phases(System&, std::string, std::vector<Phase>, OnFailure, PhasesDone);
  std::function<void()> hurry_, break_off_;
};

/// Runs them one after the other, without waiting here. `what` names the run in the log: "start".
PhaseRun run_phases(System& system, std::string what, std::vector<Phase> phases,
                    OnFailure on_failure, PhasesDone done);

/// The first failure in order, with the name of its phase in the text; OK if there is none.
Status first_failure(const std::vector<PhaseReport>& reports);

/// Threads for phases that have to block. The destructor waits for all of them.
class PhaseThreads {
 public:
  PhaseThreads();
  ~PhaseThreads();
  PhaseThreads(const PhaseThreads&) = delete;
  PhaseThreads& operator=(const PhaseThreads&) = delete;

  /// A body for Phase::begin that runs `work` on a thread of its own. What it throws is a failure.
  std::function<void(PhaseEnd)> blocking(std::function<Status()> work);

  /// Some work has not come back.
  bool busy() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace brontes
