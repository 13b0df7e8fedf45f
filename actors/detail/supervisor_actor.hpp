// The actor behind Supervisor.
#pragma once

#include <brontes/actors/detail/facade.hpp>
#include <brontes/actors/supervisor.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace brontes::detail {

/// Confined to the supervisor's turn after it was adopted.
struct Child {
  ChildOptions options;
  /// A new incarnation; a nested supervisor restarts its children and returns null.
  std::function<caf::strong_actor_ptr(caf::actor_system&)> spawn;
  std::function<void(bool for_good)> halt;  ///< of a nested supervisor
  caf::strong_actor_ptr nested;             ///< its actor
  const Rails* rails = nullptr;             ///< of a child that may resume; `spawn` owns them
  caf::strong_actor_ptr facade;             ///< null for a nested supervisor
  caf::strong_actor_ptr incarnation;
  Backoff backoff;
  TimePoint started{};
  std::deque<TimePoint> crashes;
  ChildHealth health;
  std::size_t index = 0;
};
using ChildPtr = std::shared_ptr<Child>;

/// The first incarnation, if any, runs already.
struct AdoptChild {
  ChildPtr child;
};
struct RestartChild {
  ChildPtr child;
};
/// A message was given up, the actor goes on.
struct ChildResumed {
  const Rails* rails;  ///< only compared
  Status why;
};
/// From a nested supervisor that has given up.
struct ChildGaveUp {
  ChildPtr child;
  Status why;
};
/// To a nested supervisor that had given up or was stopped.
struct StartAll {};
/// To a nested supervisor whose parent gave up. For good: nobody will start it anew.
struct StopAll {
  bool for_good;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::AdoptChild)
BRONTES_MESSAGE(brontes::detail::RestartChild)
BRONTES_MESSAGE(brontes::detail::ChildResumed)
BRONTES_MESSAGE(brontes::detail::ChildGaveUp)
BRONTES_MESSAGE(brontes::detail::StartAll)
BRONTES_MESSAGE(brontes::detail::StopAll)

namespace brontes::detail {

using SupervisorHandle = Interface<void(AdoptChild), void(RestartChild), void(ChildResumed),
                                   void(ChildGaveUp), void(StartAll), void(StopAll)>;

/// What the actor shares with its Supervisor, which may end long before the actor does.
struct HealthBoard {
  bool is_root = true;  ///< nobody restarts it when it gives up

  mutable std::mutex children_mutex;
  std::vector<ChildHealth> children;

  std::mutex callback_mutex;  ///< held during a callback, so that none runs after its owner's end
  std::function<void(const ChildHealth&)> on_health;
  std::function<void(const Status&)> on_escalation;
};

class SupervisorActor : public SupervisorHandle::base {
 public:
  SupervisorActor(caf::actor_config& config, std::string name, std::shared_ptr<HealthBoard> board)
      : SupervisorHandle::base(config), name_(std::move(name)), board_(std::move(board)) {}

  const char* name() const override { return name_.c_str(); }
  SupervisorHandle::behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void adopt(const ChildPtr& child);
  void ended(const caf::actor_addr& who, const caf::error& why);
  void crashed(Child& child, Status why);
  void resumed(const ChildResumed& message);
  void restart(Child& child);
  void start_all();
  bool budget_left(Child& child);
  void give_up(Child& child, const Status& why);
  ChildState state_when_stopped() const;
  void stop_children();
  void stop_child(Child& child, ChildState state);
  void report(Child& child, ChildState state);
  template <class Callback, class What>
  void tell_owner(const Callback& callback, const What& what);
  ChildPtr find(const caf::actor_addr& who) const;

  std::string name_;
  std::shared_ptr<HealthBoard> board_;
  std::vector<ChildPtr> children_;
  bool gave_up_ = false;   ///< until the parent starts everything anew
  bool for_good_ = false;  ///< which will never be
};

}  // namespace brontes::detail
