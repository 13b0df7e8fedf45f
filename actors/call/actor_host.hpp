// Puts a service actor on the stage: replicas, supervision, and rows in the method table.
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/actors/system.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace brontes {

struct HostOptions {
  /// Calls go round them; all events of one call go to the same one.
  std::size_t replicas = 1;
  /// Calls that may wait for each replica. Beyond: RESOURCE_EXHAUSTED.
  std::size_t mailbox_bound = 10'000;
  /// Run an idle actor on the thread that brought the call, instead of waking a thread of the pool:
  /// faster, but a handler that blocks then blocks a door. Off in a deterministic system.
  bool in_place = true;
  /// How long to wait before a crashed replica is made anew.
  BackoffOptions restart = {std::chrono::milliseconds(5), std::chrono::seconds(2)};
  /// Told by each incarnation of a replica in its turn: OK when constructor and on_start are
  /// through, else what they threw. Must not block or throw.
  std::function<void(const Status&)> on_started = {};
};

/// Runs in the turn of each new replica, again after each crash; may throw, which is a crash.
using ServiceFactory = std::function<std::unique_ptr<ServiceActor>()>;

/// The replicas of one service, until stop(). Thread-safe.
class ServiceHost {
 public:
  /// Adds the rows (their handlers are replaced) and starts the replicas; calls may come as soon as
  /// it returns. kAlreadyExists if the table has one of the rows, kInvalidArgument for no replicas.
  static Expected<std::unique_ptr<ServiceHost>> open(System& system, MethodTable& table,
                                                     std::vector<Method> rows, HostOptions options,
                                                     ServiceFactory factory);
  /// stop().
  ~ServiceHost();
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;

  /// Ends the replicas and waits until they have ended, for `patience` at most (kDeadlineExceeded
  /// after that: a handler blocks). Calls that come later answer UNAVAILABLE. Not from a handler.
  Status stop(Duration patience = std::chrono::seconds(5));

  /// Tells how many calls wait for its replicas now. Thread-safe; may outlive the host.
  std::function<std::size_t()> waiting() const;

 private:
  struct State;
  explicit ServiceHost(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// host<Greeter, GreeterMethods>(system, table): the methods of the service, served by Greeters.
template <class A, class Methods>
Expected<std::unique_ptr<ServiceHost>> host(
    System& system, MethodTable& table, HostOptions options = {},
    ServiceFactory factory = [] { return std::make_unique<A>(); }) {
  return ServiceHost::open(system, table, unimplemented_rows(typename Methods::All{}), options,
                           std::move(factory));
}

}  // namespace brontes
