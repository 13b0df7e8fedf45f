// Calls that wait for something to be taken, first come, first served.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/resilience/guard.hpp>
#include <brontes/actors/system.hpp>
#include <functional>
#include <memory>
#include <string>

namespace brontes::detail {

/// What a line waits for. Called in the turn of the line.
class Takeable {
 public:
  virtual ~Takeable() = default;
  /// Takes one for the first in the line.
  virtual bool take(TimePoint now) = 0;
  /// When to look again; max: when somebody tells the line to.
  virtual TimePoint look_again(TimePoint now) const = 0;
  /// What was taken is not used after all.
  virtual void give_back() = 0;
  /// One has left the line, with what it waited for or without.
  virtual void left_line(bool in_time) = 0;
};

struct JoinLine {
  std::shared_ptr<GuardWaiter> waiter;
  TimePoint until = TimePoint::max();
  Status late;  ///< what it is refused with when it has not come to it by then
};
struct LookAtLine {};  ///< something may have come, or gone
struct LineTick {};    ///< timer

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::JoinLine)
BRONTES_MESSAGE(brontes::detail::LookAtLine)
BRONTES_MESSAGE(brontes::detail::LineTick)

namespace brontes::detail {

/// Who is refused or cancelled leaves the line at once; the others wait in order. When it ends it
/// refuses all with kUnavailable. Its length is the business of whoever lets calls join.
using WaitingLine = Interface<void(JoinLine), void(LookAtLine), void(LineTick)>;

/// To be stopped by its owner.
WaitingLine spawn_waiting_line(System& system, std::string name, std::shared_ptr<Takeable> what);

/// Joins, and sees to it that its cancellation takes it out again.
void join(const WaitingLine& line, const CallTerms& terms,
          const std::shared_ptr<GuardWaiter>& waiter, TimePoint until, Status late);

}  // namespace brontes::detail
