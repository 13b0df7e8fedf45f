#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/detail/replica_set.hpp>
#include <brontes/actors/call/detail/settle.hpp>
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
  detail::ReplicaSupervisorActor supervisor;
};

Expected<std::unique_ptr<ServiceHost>> ServiceHost::open(System& system, MethodTable& table,
                                                         std::vector<Method> rows,
                                                         HostOptions options,
                                                         ServiceFactory factory) {
  if (Status status = check(table, rows, options); !status.ok()) return fail(std::move(status));
  auto replicas = std::make_shared<detail::ReplicaSet>(system, options, std::move(factory));
  for (Method& method : rows) {
    method.handler = [replicas](CallPtr call, Event event) {
      replicas->deliver(std::move(call), std::move(event));
    };
    if (Status status = table.add(std::move(method)); !status.ok()) return fail(std::move(status));
  }
  detail::Seats seats(options.replicas);
  for (detail::Seat& seat : seats) seat = replicas->seat_new_replica();
  replicas->publish(seats);
  auto supervisor = system.caf().spawn<detail::ReplicaSupervisor>(replicas, std::move(seats));
  return std::unique_ptr<ServiceHost>(new ServiceHost(
      std::make_unique<State>(State{system, std::move(replicas), std::move(supervisor)})));
}

ServiceHost::ServiceHost(std::unique_ptr<State> state) : state_(std::move(state)) {}

ServiceHost::~ServiceHost() { (void)stop(); }

Status ServiceHost::stop(Duration patience) {
  if (state_->supervisor) brontes::stop(state_->supervisor);
  state_->supervisor = nullptr;
  const bool ended = detail::settle(state_->system)
                         ? state_->replicas->attendance().empty()
                         : state_->replicas->attendance().wait_empty(patience);
  if (ended) return {};
  return {Errc::kDeadlineExceeded,
          "stop a service: a handler blocks its actor; it ends when that handler returns"};
}

}  // namespace brontes
