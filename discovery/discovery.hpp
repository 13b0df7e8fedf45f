// Find others, and be found: the facade over registries, resolver and lease keepers.
//
//   System system;
//   Discovery discovery(system, {.registry = "etcd://10.0.0.5:2379"});
//   auto mine = discovery.announce({.name = "greeter", .address = ":8080", .version = "v1"});
//   auto theirs = discovery.subscribe("discovery:///orders/v1", [](const DiscoveryEvent& event) {
//     for (const auto& instance : event.change.added) std::cout << instance->address << '\n';
//   });
//
// Losing a registry breaks nothing here: subscribers keep the last good snapshot and are told that
// it is stale; announcements are made again when the registry is back, with the same instance id.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/announcement.hpp>
#include <brontes/discovery/instance.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace brontes {

struct DiscoveryOptions {
  /// What "discovery:///name" means, and what is used when nothing else is said.
  std::string registry = "memory:";
  /// Where targets of other schemes go: {"etcd", "etcd://10.0.0.5:2379"}.
  std::map<std::string, std::string> registries = {};
  /// Who we are to them.
  RegistryAccess access = {};
  /// Where the last good snapshots are kept, to be served, as stale, by a process that starts while
  /// its registry is away. A directory that can be written; "": nothing is kept.
  std::string snapshot_dir = {};
};

/// A query at a registry: what a target stands for here.
struct Located {
  std::string registry;  ///< URL
  Query query;
};

/// Runs on a thread of the actor pool, one event at a time per subscription: must not block or
/// throw.
using DiscoveryCallback = std::function<void(const DiscoveryEvent&)>;

/// Ends with the object: after the destructor the callback neither runs nor will run (it waits for
/// one that is running, except when it is destroyed from within that one). Movable.
class Subscription {
 public:
  Subscription();
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

 private:
  friend class Discovery;
  struct State;
  explicit Subscription(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct DiscoveryActors;  // see discovery_actors.hpp

/// Thread-safe. Several on one System share its memory: registries. Destroy it before the System,
/// and after the subscriptions, announcements and channels that were made with it.
class Discovery {
 public:
  /// Opens nothing yet; `check()` says whether the options are good.
  explicit Discovery(System& system, DiscoveryOptions options = {});
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  /// kInvalidArgument or kUnimplemented with the reason for the first URL that cannot be used, or
  /// for `snapshot_dir`.
  Status check() const;

  /// The current state comes at once when it is known, then changes, staleness and recovery.
  /// Errors: see locate() and check(); an unreachable registry is none.
  Expected<Subscription> subscribe(std::string_view target, DiscoveryCallback callback);
  /// At the default registry.
  Expected<Subscription> subscribe(const Query& query, DiscoveryCallback callback);
  Expected<Subscription> subscribe(const Located& where, DiscoveryCallback callback);

  /// Announces an instance at the default registry, from now until withdrawn. Fills what is
  /// missing: id, incarnation, weight, the host of ":8080". Returns at once: registering happens
  /// behind it and never gives up. kInvalidArgument: the record is not valid; kUnimplemented: the
  /// registry cannot be written.
  Expected<Announcement> announce(Instance instance, AnnounceOptions options = {});

  /// Asks the registry once and waits: not from actors or callbacks, nor on a deterministic System
  /// (kFailedPrecondition). kDeadlineExceeded or kUnavailable when it cannot be asked in time.
  Expected<SnapshotPtr> list(const Query& query, Duration timeout);
  Expected<SnapshotPtr> list(std::string_view target, Duration timeout);
  Expected<SnapshotPtr> list(const Located& where, Duration timeout);

  /// Which registry and query a target means. kInvalidArgument: see parse_target;
  /// kFailedPrecondition: no registry is known for its scheme.
  Expected<Located> locate(std::string_view target) const;

  System& system() const;
  const DiscoveryOptions& options() const;

  /// For actor code and channels: the resolver and the open registries.
  const DiscoveryActors& actors() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brontes
