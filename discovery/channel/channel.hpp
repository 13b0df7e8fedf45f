// The way to a service: finds its endpoints, stays connected to them, spreads calls over them.
//
//   auto channel = Channel::open(discovery, "discovery:///greeter/v1");
//   if (!channel) return report(channel.error());
//   auto stub = Greeter::NewStub(channel->stub_channel());  // stock gRPC, every kind of call
//   auto reply = call<GreeterMethods::SayHello>(*channel, request).wait();  // with retries
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/balancing/balancing_options.hpp>
#include <brontes/discovery/channel/client_tls.hpp>
#include <brontes/discovery/channel/method_policy.hpp>
#include <brontes/discovery/channel/retry_policy.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grpc {
class ChannelInterface;
}

namespace brontes {

class Discovery;
class System;
class Transport;
struct ChannelCore;

struct ChannelOptions {
  /// How calls are spread (docs/balancing.md); none: as the node's settings say, or the defaults.
  std::optional<BalancingOptions> balancing = {};
  RetryPolicy retry = {};       ///< of calls that bring none of their own
  MethodPolicies methods = {};  ///< by "pkg.Service/Method", "pkg.Service", or "*" for all
  double retry_budget = 0.2;    ///< so many retries per call (and ten a second); 0 to 1
  double hedge_budget = 0.05;   ///< so many hedges per call of a hedged method; 0 to 1
  /// So much earlier than its parent's deadline a call ends, so that there is time to answer; half
  /// of what is left of that if it is less. None: as the node's settings say, or 5 ms.
  std::optional<Duration> deadline_margin = {};
  std::map<std::string, std::string> call_metadata = {};  ///< of each call that brings no such key
  std::string service = {};  ///< "pkg.Service": what call_bytes takes a short name to be of
  std::map<std::string, std::string> tags = {};      ///< only instances that carry all of these
  std::map<std::string, std::string> metadata = {};  ///< likewise
  std::string authority = {};                        ///< of every call; "": the name of the service
  std::size_t max_waiting_calls = 1024;  ///< calls that wait for a connection or for their retry
  std::uint64_t seed = 0;                ///< of jitter and start; 0: at random
  /// Whose health each endpoint is asked for by grpc.health.v1, "" for the whole server: who does
  /// not serve gets no calls, unless that is panic (docs/balancing.md). None: nobody is asked.
  std::optional<std::string> health_service = {};
  std::optional<ClientTls> tls = {};          ///< nothing: plain text
  std::shared_ptr<Transport> transport = {};  ///< null: gRPC; one of one's own brings its own TLS
};

/// kInvalidArgument: what cannot be, and the member that says so: "retry_budget: ...".
Status check(const ChannelOptions& options);

/// One endpoint of a channel, as seen at one moment.
struct EndpointView {
  std::string address = {};
  /// "ready", "connecting", "idle", "failing", "ejected" (it failed too often), "drained" (its
  /// record says so).
  std::string state = {};
  bool called = false;          ///< calls go there now: "ready", or in need even "ejected"
  std::uint32_t in_flight = 0;  ///< calls
  std::string why = {};         ///< for people: "5 failures in a row, out for 30 s"; often ""
};

/// A handle: copies share one set of connections, which close when the last copy and the last stub
/// are gone; calls in flight go on. Thread-safe. The system must outlive it.
class Channel {
 public:
  /// `discovery:///name[/version]` (the default registry), `memory:///...`, `etcd:///...`,
  /// `consul:///...` (the registry of that scheme), or what the other overload takes. Never waits:
  /// endpoints are connected to in the background. kInvalidArgument: a target, balancing or file of
  /// TLS that cannot be; kFailedPrecondition: no registry is known for its scheme.
  static Expected<Channel> open(Discovery& discovery, const std::string& target,
                                ChannelOptions options = {});
  /// `static://h:p[,h:p]...`; any other target is gRPC's own ("localhost:80", "unix:/run/a"): its
  /// stub channel is a plain grpc::Channel, unless there is metadata to add. kInvalidArgument for a
  /// target that needs a registry.
  static Expected<Channel> open(System& system, const std::string& target,
                                ChannelOptions options = {});

  Channel(const Channel&) = default;
  Channel(Channel&&) noexcept = default;
  Channel& operator=(const Channel&) = default;
  Channel& operator=(Channel&&) noexcept = default;
  ~Channel();

  /// For stock stubs of every kind: `Greeter::NewStub(channel.stub_channel())`. Each call goes to a
  /// READY endpoint. If none is, it waits while one is being connected to, as gRPC's own channels
  /// do, or with wait_for_ready up to its deadline, for any of the endpoints known by then; if all
  /// have failed, or none is known (yet: see wait_ready), it fails at once with UNAVAILABLE and a
  /// text that says what is there. Nothing is retried: the channel cannot see the messages. Keeps
  /// the connections open while it is held.
  std::shared_ptr<grpc::ChannelInterface> stub_channel() const;

  /// What was opened: "memory:///greeter/v1".
  const std::string& target() const;
  /// All endpoints that the registry names, by address, and what the channel thinks of them.
  std::vector<EndpointView> endpoints() const;
  /// Blocks until calls go to at least that many endpoints: READY, and not ejected unless there are
  /// too few of them. kDeadlineExceeded otherwise. For tests
  /// and start-up; never in an actor.
  Status wait_ready(Duration timeout, std::size_t count = 1) const;

  /// For client_call.hpp.
  const std::shared_ptr<ChannelCore>& core() const { return core_; }

 private:
  struct State;
  explicit Channel(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
  std::shared_ptr<ChannelCore> core_;
};

}  // namespace brontes
