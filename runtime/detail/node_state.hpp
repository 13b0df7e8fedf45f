// What a node is made of. Members are in the order of their life: later ones go first.
#pragma once

#include <atomic>
#include <brontes/actors/supervisor.hpp>
#include <brontes/runtime/detail/admin_door.hpp>
#include <brontes/runtime/detail/node_chain.hpp>
#include <brontes/runtime/detail/node_doors.hpp>
#include <brontes/runtime/detail/node_events.hpp>
#include <brontes/runtime/detail/node_metrics.hpp>
#include <brontes/runtime/detail/node_routes.hpp>
#include <brontes/runtime/detail/registration.hpp>
#include <brontes/runtime/node.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brontes {

inline constexpr const char* kNodeLogger = "runtime.node";

namespace detail {

struct HostPlan {
  std::vector<Method> rows;
  ActorService service;
};

using NamedHook = std::pair<std::string, NodeHook>;

}  // namespace detail

struct Node::State {
  State(Settings given, System* shared);
  ~State();

  /// kFailedPrecondition unless the node is new.
  Status enter_start();
  /// False when there is nothing to stop, or somebody stops it already.
  bool enter_stop();
  /// Breaks a start off and waits until none, and no stop, is under way.
  void settle();
  void break_off();
  /// Called once, when serving and announced, or when nothing is left of the attempt.
  void begin_start(std::function<void(Status)> done);
  void begin_stop(std::function<void(Status)> done);
  void kill();
  /// What runs around each method; nothing is started.
  Expected<std::string> print_chain();

  enum class Stage { kNew, kStarting, kServing, kStopping, kStopped };

  std::unique_ptr<System> own_system;
  System& system;
  const Settings settings;
  detail::NodeEvents events;
  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  std::shared_ptr<detail::MailboxMetrics> mailboxes = std::make_shared<detail::MailboxMetrics>();
  std::shared_ptr<HealthState> health = std::make_shared<HealthState>();
  std::shared_ptr<Validation> validation = std::make_shared<Validation>();
  std::shared_ptr<Authentication> authentication;  ///< null: calls are not authenticated
  std::vector<std::pair<std::shared_ptr<Interceptor>, std::string>>
      interceptors;  ///< and in front of what
  Status mistake;    ///< the first one in what was added
  std::vector<std::shared_ptr<AdoptedService>> adopted;
  MethodTable table;
  std::vector<detail::HostPlan> host_plans;
  detail::DoorPlan door_plan;
  std::vector<detail::NamedHook> start_hooks, stop_hooks;
  Discovery discovery;
  std::mutex channels_mutex;
  std::map<std::string, Channel> channels;  ///< by name; guarded by channels_mutex
  std::optional<Supervisor> supervisor;
  std::vector<std::unique_ptr<ServiceHost>> hosts;
  std::optional<detail::NodeRoutes> routes;
  std::optional<detail::NodeDoors> doors;
  std::optional<detail::Registration> registration;
  std::shared_ptr<MetricsCollector> collector;
  mutable std::mutex stage_mutex;
  std::condition_variable stage_changed;
  Stage stage = Stage::kNew;
  std::optional<detail::AdminDoor> admin;  ///< asks for the stage
  PhaseRun under_way;                      ///< the start or stop that came last
  std::atomic<bool> given_up{false};  ///< the start failed: what still runs of it begins nothing
  PhaseThreads threads;

  /// Notes a mistake when somebody serves the method already.
  void add_row(Method row);
  /// Opens it, or gives what was opened.
  Expected<Channel> named_channel(const std::string& name);
  /// Whether the node is new; else the log says that what is called that came too late.
  bool takes(const char* what) const;
  void note(Status status) {
    if (mistake.ok()) mistake = std::move(status);
  }

 private:
  std::vector<Phase> start_phases();
  std::vector<Phase> stop_phases();
  std::vector<Phase> take_back_phases();
  void add_last_phases(std::vector<Phase>& phases);
  void run_stop(std::string what, std::vector<Phase> phases, std::function<void(Status)> done);
  Status check();
  std::string stage_name() const;
  Status open_admin();
  Expected<detail::NodeChain> make_chain();
  Status check_actors() const;
  Status check_channels() const;
  bool is_adopted(std::string_view path) const;
  Status start_handlers();
  void publish_routes(PhaseEnd end);
  Status open_doors();
  void started(const Status& status, const std::function<void(Status)>& done);
  void enter(Stage next);
  Status stop_actors();
  Phase blocking(std::string name, Duration bound, std::function<Status()> work);
};

}  // namespace brontes
