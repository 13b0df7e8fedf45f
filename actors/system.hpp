// The stage: threads, clock and root of everything that runs as an actor.
#pragma once

#include <brontes/actors/clock.hpp>
#include <cstddef>
#include <memory>

namespace caf {
class actor_system;
}

namespace brontes {

struct SystemOptions {
  std::size_t threads = 0;  ///< of the actor pool; 0: one per core
  /// For scenarios: no threads, virtual time, nothing runs until it is told to (see testkit).
  bool deterministic = false;
};

/// Owns the actor system. One per process is usual; nodes, registries and channels that shall see
/// each other share one. Thread-safe. The destructor waits until every actor has ended, so stop
/// your own actors before.
class System {
 public:
  explicit System(SystemOptions options = {});
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  /// The time that its actors see.
  const Clock& clock() const;

  /// For files that include actors/caf.hpp.
  caf::actor_system& caf();

  bool deterministic() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brontes
