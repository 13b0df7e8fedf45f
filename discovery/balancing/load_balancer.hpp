// Decides which endpoints of a channel may be called, and publishes a picker that says so.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/published.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/balancing/endpoint_verdict.hpp>
#include <brontes/discovery/balancing/picker.hpp>
#include <brontes/discovery/channel/detail/waiter.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <brontes/discovery/resolver.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace brontes {

/// A connection changed its state. Late reports about endpoints that are gone are ignored.
struct ConnectivityChanged {
  std::weak_ptr<Endpoint> endpoint;
  Connectivity state = Connectivity::kIdle;
};

/// A call cannot go on now: the waiter is told once, to resume when `not_before` has come and an
/// endpoint is READY (at once if both hold), or to give up: kUnavailable at the deadline or when
/// the balancer ends, kResourceExhausted when too many calls wait.
struct AwaitEndpoint {
  std::shared_ptr<Waiter> waiter;
  TimePoint not_before{};
  TimePoint deadline = TimePoint::max();
};

/// A server said how it is, on a watch of the balancer's.
struct HealthReported {
  std::weak_ptr<Endpoint> endpoint;
  std::uint64_t watch = 0;
  Health health = Health::kServing;
};

struct LeaveIdle {};      ///< somebody calls; connect again
struct PublishPicker {};  ///< self -> self: changes were collected, now make the picker
struct WakeUp {};  ///< timer tick, while calls wait, or endpoints for their turn to be connected
struct CloseRetired {};    ///< timer tick, only while there are removed endpoints
struct LookAtFailures {};  ///< self -> self: an endpoint fails again and again
struct LookAround {};      ///< timer tick, while there are endpoints to pick
struct SubscribeAgain {};  ///< timer tick, until the resolver has answered

}  // namespace brontes

BRONTES_MESSAGE(brontes::ConnectivityChanged)
BRONTES_MESSAGE(brontes::AwaitEndpoint)
BRONTES_MESSAGE(brontes::HealthReported)
BRONTES_MESSAGE(brontes::LeaveIdle)
BRONTES_MESSAGE(brontes::PublishPicker)
BRONTES_MESSAGE(brontes::WakeUp)
BRONTES_MESSAGE(brontes::CloseRetired)
BRONTES_MESSAGE(brontes::LookAtFailures)
BRONTES_MESSAGE(brontes::LookAround)
BRONTES_MESSAGE(brontes::SubscribeAgain)

namespace brontes {

/// One per channel. It is a Subscriber of the resolver: SnapshotReady is how it learns endpoints.
/// Connects before use: only READY endpoints are picked. An instance that is not healthy, or was
/// removed, gets no new calls from the next picker on; what was removed is closed when its calls
/// have ended. Many changes become one picker; while weights change with time there is a new one
/// each second. Who fails again and again is ejected for a while (detail/outlier_detector.hpp),
/// and who says by grpc.health.v1 that it does not serve is passed over, unless less than half of
/// the instances could be picked then: that is panic, and all READY ones are. After half an hour
/// without a call all connections are closed; the next call makes them again.
using LoadBalancer =
    Interface<void(SnapshotReady), void(ConnectivityChanged), void(AwaitEndpoint),
              void(PublishPicker), void(WakeUp), void(CloseRetired), void(LookAtFailures),
              void(LookAround), void(SubscribeAgain), void(HealthReported), void(LeaveIdle)>;

/// What a call that cannot wait is told before the first answer of the registry.
inline constexpr const char* kPendingComplaint =
    "pending: the registry was not heard from yet; call wait_ready() before the first call";

struct LoadBalancerOptions {
  std::string service = {};   ///< for texts: "greeter/v1"
  std::string registry = {};  ///< URL: where it is looked up
  Query query = {};
  Resolver resolver = {};  ///< null: the owner sends the SnapshotReady
  std::shared_ptr<Transport> transport = {};
  std::shared_ptr<BalancingPolicy> policy = {};
  std::shared_ptr<ChannelLoad> load = {};  ///< of all endpoints; null: one of its own
  std::shared_ptr<Published<Picker>> picker =
      {};  ///< where to publish; untouched until there is news
  /// Likewise what it thinks of each endpoint; null: nobody wants to know.
  std::shared_ptr<VerdictBoard> verdicts = {};
  /// Told after each publication, in the balancer's turn; may be null.
  std::function<void(const Picker&)> on_published = {};
  Duration slow_start = std::chrono::seconds(30);  ///< until a new endpoint has its full weight
  bool ejection = true;
  std::string authority = {};
  std::size_t max_waiting_calls = 1024;
  std::size_t max_connecting = 32;                 ///< connection attempts at once
  double connects_per_second = 50;                 ///< attempts, after the first 32; 0: any number
  Duration idle_after = std::chrono::minutes(30);  ///< without a call; then it closes all of them
  /// Whose health servers are asked for, by grpc.health.v1; "": the whole server; none: nobody is.
  std::optional<std::string> health_service = {};
  Duration close_after = std::chrono::seconds(30);  ///< removed endpoints, calls or not
  /// Pickers follow each other at this distance per endpoint: with 10,000 endpoints one every
  /// 10 ms while they change, with a few at once. (One per change would be quadratic.)
  Duration publish_gap = std::chrono::microseconds(1);
};

/// To be stopped by its owner. When it ends it publishes a picker that picks nothing.
LoadBalancer spawn_load_balancer(System& system, LoadBalancerOptions options);

}  // namespace brontes
