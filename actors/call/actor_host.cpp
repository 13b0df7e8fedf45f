#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/detail/replica_set.hpp>
#include <brontes/actors/call/detail/settle.hpp>
#include <brontes/actors/supervisor.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace brontes {
namespace {

Status check(const MethodTable& table, const std::vector<Method>& rows,
             const HostOptions& options) {
  if (options.replicas == 0 || options.mailbox_bound == 0)
    return {Errc::kInvalidArgument, "host a service: replicas and mailbox_bound are at least 1"};
  for (const Method& method : rows)
    if (table.find(method.path))
      return {Errc::kAlreadyExists, "host a service: '" + std::string(method.path) +
                                        "' has a handler already; no row was added"};
  return {};
}

}  // namespace

struct ServiceHost::State {
  System& system;
  std::shared_ptr<detail::ReplicaSet> replicas;
  std::optional<Supervisor> supervisor;

  void start(const std::string& name, const HostOptions& options) {
    for (std::size_t seat = 0; seat < options.replicas; ++seat) {
      ChildOptions child{.name = name + "/" + std::to_string(seat), .backoff = options.restart};
      // A request that crashes its handler, sent again and again, must not end the service.
      child.max_crashes = std::numeric_limits<int>::max();
      child.stable = 2 * options.restart.max;
      supervisor->start_by<detail::ReplicaActor>(
          child, [set = replicas, seat](caf::actor_system&) { return set->seat_replica(seat); });
    }
  }
};

Expected<std::unique_ptr<ServiceHost>> ServiceHost::open(System& system, MethodTable& table,
                                                         std::vector<Method> rows,
                                                         HostOptions options,
                                                         ServiceFactory factory) {
  if (Status status = check(table, rows, options); !status.ok()) return fail(std::move(status));
  const std::string name = rows.empty() ? "service" : std::string(rows.front().service());
  auto replicas = std::make_shared<detail::ReplicaSet>(system, options, std::move(factory));
  for (Method& method : rows) {
    method.handler = [replicas](CallPtr call, Event event) {
      replicas->deliver(std::move(call), std::move(event));
    };
    if (Status status = table.add(std::move(method)); !status.ok()) return fail(std::move(status));
  }
  auto state = std::make_unique<State>(State{system, std::move(replicas), {}});
  SupervisorOptions supervision;
  supervision.name = name;
  state->supervisor.emplace(system, std::move(supervision));
  state->start(name, options);
  return std::unique_ptr<ServiceHost>(new ServiceHost(std::move(state)));
}

ServiceHost::ServiceHost(std::unique_ptr<State> state) : state_(std::move(state)) {}

ServiceHost::~ServiceHost() { (void)stop(); }

std::function<std::size_t()> ServiceHost::waiting() const {
  return [replicas = state_->replicas] { return replicas->waiting(); };
}

Status ServiceHost::stop(Duration patience) {
  state_->replicas->close();
  state_->supervisor.reset();
  detail::Attendance& attendance = state_->replicas->attendance();
  const bool ended =
      detail::settle(state_->system) ? attendance.empty() : attendance.wait_empty(patience);
  if (ended) return {};
  return {Errc::kDeadlineExceeded,
          "stop a service: a handler blocks its actor; it ends when that handler returns"};
}

}  // namespace brontes
