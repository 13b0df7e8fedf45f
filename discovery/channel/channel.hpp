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
#include <brontes/discovery/channel/retry_policy.hpp>
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
  RetryPolicy retry = {};                            ///< of calls that bring none of their own
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

/// One endpoint of a channel, as seen at one moment.
struct EndpointView {
  std::string address;
  std::string state;            ///< "ready", "connecting", "idle", "failing"
  std::uint32_t in_flight = 0;  ///< calls
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
  /// stub channel is a plain grpc::Channel. kInvalidArgument for a target that needs a registry.
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
  /// The endpoints that calls go to now: the READY ones.
  std::vector<EndpointView> endpoints() const;
  /// Blocks until at least that many endpoints are READY. kDeadlineExceeded otherwise. For tests
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
