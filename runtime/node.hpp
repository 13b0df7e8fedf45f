// One service process: settings, doors, registration, life cycle. The page to start with.
//
//   int main(int argc, char** argv) {
//     auto settings = brontes::load_settings(argc, argv, {.name = "greeter", .version = "v1"});
//     if (!settings) return brontes::exit_with(settings.error());
//     brontes::Node node(*settings);
//     node.serve<GreeterMethods>(brontes::actor<Greeter>());
//     return node.run();  // until SIGTERM: drain, deregister, let calls end, stop
//   }
#pragma once

#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/discovery/instance.hpp>
#include <brontes/gateway/http_handler.hpp>
#include <brontes/runtime/interceptors/authentication.hpp>
#include <brontes/runtime/interceptors/validation.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <brontes/runtime/settings.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace grpc {
class ServerBuilder;
class Service;
}  // namespace grpc

namespace brontes {

class HealthState;
class Supervisor;

/// A service actor to be made when the node starts, and again when it crashed.
struct ActorService {
  ServiceFactory make = {};
  HostOptions options = {};

  /// For actor<Greeter>().replicas(4): see HostOptions.
  ActorService replicas(std::size_t count) && {
    options.replicas = count;
    return std::move(*this);
  }
};

/// actor<Greeter>(arguments...): each replica gets a copy of the arguments.
template <class A, class... Args>
ActorService actor(Args... arguments) {
  return {[arguments...] { return std::make_unique<A>(arguments...); }};
}

/// What the node is to do before it serves, or after it served; may block, on a thread of its own.
using NodeHook = std::function<Status()>;

/// Add services, interceptors, routes and hooks; then run(), or start() and stop(). Adding after
/// the start has no effect and is answered by start(). Not thread-safe, except for
/// stop(), hurry(), kill() and escalate().
/// Mistakes in what was added (a method served twice, a path that is no template) are told by
/// start.
class Node {
 public:
  /// With a System of its own.
  explicit Node(Settings settings);
  /// On a stage that others share: several nodes in one process. The system outlives the node.
  Node(Settings settings, System& system);
  /// stop()s a node that serves.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The methods of a service as an actor: state without locks.
  template <class Methods>
  Node& serve(ActorService service) {
    validation().set_found(typename Methods::All{});
    return serve_actor(unimplemented_rows(typename Methods::All{}), std::move(service));
  }
  /// As functions: no state, called on the thread that read the request.
  template <class Methods>
  Node& serve(const Functions<Methods>& functions) {
    validation().set_found(typename Methods::All{});
    return serve_rows(functions.rows());
  }
  Node& serve_rows(std::vector<Method> rows);
  Node& serve_actor(std::vector<Method> rows, ActorService service);

  /// A stock gRPC service, sync or callback, as it is: node.adopt(std::make_shared<GreeterImpl>()).
  /// It is served by gRPC's own handlers, inside of the same chain, and over REST by the same
  /// rules. What cannot be adopted (grpc/adopted_service.hpp) is told by start.
  Node& adopt(std::shared_ptr<grpc::Service> service);

  /// Around the calls of every door, directly outside of the interceptor called `before`: metrics,
  /// load_reporter (if it is on), request_id, access_log, deadline, authentication (if there is a
  /// hook), validation, outermost first. By default those that are added are called in the order of
  /// the calls, right before validation. docs/interceptors.md; --print-chain shows the result.
  Node& intercept(std::shared_ptr<Interceptor> interceptor, std::string before = "validation");
  /// Requests of type T are refused (INVALID_ARGUMENT, with the fields) when `check` finds
  /// something wrong: void(const T&, Violations&). A function validate() beside T is found by
  /// itself.
  template <class T, class F>
  Node& validate(F check) {
    validation().set<T>(std::move(check));
    return *this;
  }
  /// Every call shows who makes it, or is refused; one hook per node. See bearer().
  Node& authenticate(AuthenticationHook hook);
  /// An HTTP route beside those of the methods: node.route("GET", "/healthz", ...).
  Node& route(std::string method, std::string path_template, HttpHandler handler);
  /// Stock gRPC services, arguments of gRPC: the last word before the server is built.
  Node& customise_grpc(std::function<void(grpc::ServerBuilder&)> customise);

  /// Before the doors open, in the order of the calls; a failure stops the start.
  Node& on_start(std::string name, NodeHook hook);
  /// After the last call has ended and before the actors stop, in reverse order; 5 s each. Also
  /// when the start failed, whether or not the node came to serve.
  Node& on_stop(std::string name, NodeHook hook);

  /// start(), then until SIGTERM, SIGINT, SIGHUP (unless it is ignored) or somebody's stop(), then
  /// stop(); a second signal cuts the waits, a third ends the process. The exit code: 0, or as
  /// exit_with; what went wrong is on standard error. Sets level and format of the log, and ignores
  /// SIGPIPE. Blocks.
  int run();

  /// Serves and is announced when it returns OK. Otherwise nothing of it is left, and the status
  /// names the phase: kInvalidArgument bad settings, kUnavailable port in use. A registry that
  /// cannot be reached is no failure: announcing goes on. Blocks; once per node.
  Status start();
  /// The phases of docs/lifecycle.md; the first failure. Blocks for drain.min + drain.max at most,
  /// and some seconds for what never ends. Idempotent: waits for a stop that is under way. A start
  /// that is under way is broken off. Not from a handler or hook of the node.
  Status stop();
  /// Cuts the waits of a start or stop that is under way. Thread-safe.
  void hurry();
  /// Ends as if the process were killed, for chaos: sockets are closed at once, calls break off,
  /// the record stays in the registry until its ttl has passed. Idempotent. stop() does nothing
  /// afterwards.
  void kill();

  /// Ends run(): drains and exits with the code for this status.
  void escalate(Status why);

  const Settings& settings() const;
  /// Of gRPC, and of HTTP where it is shared; what was bound, also for port 0. 0 before the start.
  std::uint16_t port() const;
  /// Of HTTP; 0 if there is none.
  std::uint16_t http_port() const;
  /// Of the admin pages; 0 if there are none.
  std::uint16_t admin_port() const;
  /// What others dial; "" before the start.
  std::string address() const;

  /// Shown at /metrics. Usable from the construction on; thread-safe.
  Metrics& metrics();
  /// What the node says of itself at /readyz and to grpc.health.v1. The services of the node are
  /// set by the node; add what else must be ready: node.health().set("cache", false). Thread-safe.
  HealthState& health();
  System& system();
  /// Root of the user's own actors: node.supervisor().start<Ticker>({.name = "ticker"}). What it
  /// gives up drains the node and ends run() with a failure. Stopped after the on_stop hooks.
  Supervisor& supervisor();
  /// At the registries of the settings. Usable from the construction on.
  Discovery& discovery();
  /// By its name in the settings, `channels.NAME`: opened at the first call, shared by all who ask.
  /// What is no plain word ("discovery:///orders", "localhost:80") is a target, as below.
  /// kNotFound: there is none of that name. Thread-safe.
  Expected<Channel> channel(const std::string& name_or_target);
  /// Channel::open(discovery(), target, options); balancing and deadline margin are as the settings
  /// say if the options do not. Another channel each time.
  Expected<Channel> channel(const std::string& target, ChannelOptions options);

 private:
  struct State;
  Validation& validation();

  std::unique_ptr<State> state_;
};

}  // namespace brontes
