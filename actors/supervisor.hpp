// Nothing is alive that nobody supervises: restarts what crashes, waits longer each time, and
// escalates what keeps crashing. See docs/adr/0011-facade-handles.md.
//
//   Supervisor root(system, {.name = "root", .on_escalation = drain_and_exit});
//   Registry registry = root.start<EtcdRegistryActor>({.name = "registry"}, options);
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/detail/guarded.hpp>
#include <brontes/actors/system.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brontes {

/// An actor crashes when a handler throws or it ends with an error. Ending without one, or by
/// stop(), is no crash: it is not restarted.
enum class OnCrash {
  kRestart,  ///< a new incarnation with fresh state, after a pause
  kResume,  ///< an exception costs the message it was thrown for (a request is answered kInternal);
            ///< the actor keeps its state. Another end is a crash with restart
  kStop,    ///< given up at once, without escalation
};

enum class ChildState { kRunning, kRestarting, kStopped };

struct ChildOptions {
  std::string name = {};  ///< for logs and health: "discovery.resolver"
  OnCrash on_crash = OnCrash::kRestart;
  int max_crashes = 10;  ///< within `window`; the next one escalates
  Duration window = std::chrono::minutes(1);
  /// The pause before a restart; starts over when an incarnation lived for `stable`.
  BackoffOptions backoff{std::chrono::milliseconds(100), std::chrono::seconds(5)};
  Duration stable = std::chrono::seconds(30);
};

struct ChildHealth {
  std::string name;
  ChildState state = ChildState::kRunning;
  std::uint64_t restarts = 0;
  std::uint64_t resumes = 0;
  Status last_error;  ///< of the last crash; OK if there was none
};

struct SupervisorOptions {
  std::string name = {};  ///< by default "supervisor", or the name as a child
  /// Told about each change of a child, in the supervisor's turn; must not block. What
  /// it throws is logged.
  std::function<void(const ChildHealth&)> on_health = {};
  /// A child has used up its budget: all children were stopped. A root drains the process and
  /// exits non-zero here. Unused when there is a parent, which restarts all children instead.
  std::function<void(const Status&)> on_escalation = {};
  std::uint64_t seed = 0;  ///< of the jitter; 0: random, or 1 on a deterministic system
};

namespace detail {
class SupervisorCore;
}

/// Owns its children: the destructor stops them, the newest first, and does not wait for their end;
/// no callback runs after it (so do not destroy it in one). Thread-safe, except for moving it.
/// Handles that start() returned stay valid over restarts: messages are forwarded in place to the
/// current incarnation. Between two incarnations, and after the last, requests are answered with
/// kUnavailable (the message says which), other messages are dropped.
class Supervisor {
 public:
  Supervisor(System& system, SupervisorOptions options = {});
  /// Escalates to `parent`, under the budget of `as_child`; the parent's restart starts all
  /// children of this one anew.
  Supervisor(Supervisor& parent, ChildOptions as_child, SupervisorOptions options = {});
  ~Supervisor();
  Supervisor(Supervisor&&) noexcept;
  Supervisor& operator=(Supervisor&&) noexcept;

  /// Spawns an actor of that class at once, and again after each crash with copies of the same
  /// arguments. The class must not be final.
  template <class Actor, class... Args>
  auto start(ChildOptions options, Args... args) {
    using Handle = caf::infer_handle_from_class_t<Actor>;
    const auto rails = make_rails(options);
    const Factory factory = [rails, args...](caf::actor_system& system) {
      return caf::actor_cast<caf::strong_actor_ptr>(
          system.spawn<detail::Guarded<Actor>>(rails, args...));
    };
    return caf::actor_cast<Handle>(start_child(std::move(options), factory, rails.get()));
  }

  /// For actors that want more than a constructor call. `factory` runs on this thread first, then
  /// in the supervisor's turn; may throw, which counts as a crash. kResume acts as kRestart.
  template <class Handle>
  Handle start_by(ChildOptions options, std::function<Handle(caf::actor_system&)> factory) {
    return caf::actor_cast<Handle>(
        start_child(std::move(options), [factory = std::move(factory)](caf::actor_system& system) {
          return caf::actor_cast<caf::strong_actor_ptr>(factory(system));
        }));
  }

  /// All children in the order of their start, including those that ended.
  std::vector<ChildHealth> health() const;

 private:
  using Factory = std::function<caf::strong_actor_ptr(caf::actor_system&)>;
  std::shared_ptr<const detail::Rails> make_rails(const ChildOptions& options);
  caf::strong_actor_ptr start_child(ChildOptions options, Factory factory,
                                    const detail::Rails* rails = nullptr);

  std::unique_ptr<detail::SupervisorCore> core_;
};

}  // namespace brontes
