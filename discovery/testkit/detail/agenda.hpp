// What is to happen at a virtual time.
#pragma once

#include <brontes/actors/testkit/scenario.hpp>
#include <functional>
#include <memory>

namespace brontes::detail {

/// Self -> self and from anywhere: `what` is to run at that time.
struct AgendaEntry {
  TimePoint when;
  std::shared_ptr<std::function<void()>> what;
};
struct AgendaTick {};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::AgendaEntry)
BRONTES_MESSAGE(brontes::detail::AgendaTick)

namespace brontes::detail {

using AgendaHandle = Interface<void(AgendaEntry), void(AgendaTick)>;

/// Runs things one by one, by their times and then by the order in which they were noted, each in
/// the turn of an actor: so among timers and messages, and never within the turn of another.
/// They must not touch the scenario (spawn, advance, run). Ends with the scenario, and then drops
/// what is left.
class Agenda {
 public:
  explicit Agenda(Scenario& stage);
  void at(TimePoint when, std::function<void()> what) const;
  void after(Duration delay, std::function<void()> what) const;

 private:
  const Clock& clock_;
  AgendaHandle actor_;
};

}  // namespace brontes::detail
