// Who wants which instances: the subscribers, and the watch loops that they share. For actors; code
// outside of actors uses discovery.hpp.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <brontes/discovery/snapshot_archive.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace brontes {

/// One event for all who are told the same; null: nothing is to be told.
using DiscoveryEventPtr = std::shared_ptr<const DiscoveryEvent>;

/// The way from one snapshot to the next. What is told of it is worked out once for all subscribers
/// who make the same step, by the first of them. Immutable to look at; thread-safe.
class SnapshotStep {
 public:
  /// `before` is null for whoever had none.
  SnapshotStep(SnapshotPtr before, SnapshotPtr now);
  bool leads(const SnapshotPtr& before, const SnapshotPtr& now) const {
    return before == before_ && now == now_;
  }
  const SnapshotPtr& now() const { return now_; }
  /// What whoever makes it is told.
  static DiscoveryEventPtr event(std::shared_ptr<const SnapshotStep> step);

 private:
  const SnapshotPtr before_, now_;
  mutable std::once_flag once_;
  mutable std::optional<DiscoveryEvent> event_;
};

/// The newest state for one subscriber. The resolver puts, the subscriber takes; thread-safe. Holds
/// three snapshots at most, however slow the subscriber; one when it has taken the newest.
class SubscriberSlot {
 public:
  SubscriberSlot(std::string registry, Query query)
      : registry_(std::move(registry)), query_(std::move(query)) {}

  /// True when the subscriber has to be told: nothing is on its way to it yet.
  bool put(std::shared_ptr<const SnapshotStep> step);
  bool put(SnapshotPtr snapshot);
  /// What changed since the last take; null if that cancelled out.
  DiscoveryEventPtr take();
  /// The same, for whoever passes it on; null if nothing was put.
  std::shared_ptr<const SnapshotStep> take_step();
  bool is_empty() const;  ///< nothing was put since the last take

  const std::string& registry() const { return registry_; }  ///< as subscribed
  const Query& query() const { return query_; }              ///< as subscribed

 private:
  const std::string registry_;
  const Query query_;
  mutable std::mutex mutex_;
  bool told_ = false;
  std::shared_ptr<const SnapshotStep> newest_;  ///< null when it was taken
  SnapshotPtr taken_;
};

/// "There is something new in your slot." Carries no data; one at most is in flight per
/// subscription, so a slow subscriber costs nothing and wakes to the newest state only.
struct SnapshotReady {
  std::shared_ptr<SubscriberSlot> slot;

  DiscoveryEventPtr take() const { return slot->take(); }
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::SnapshotReady)

namespace brontes {

/// Who is told: `[this](SnapshotReady& ready) { if (auto event = ready.take()) step(*event); }`.
/// The first one comes at once when a state is known, else with the first state; its snapshot may
/// be kStale already.
using Subscriber = Interface<void(SnapshotReady)>;

/// Idempotent per subscriber, registry and query. Ends by Unsubscribe or with the subscriber.
/// Answered when noted; errors as Registries::open gives them.
struct Subscribe {
  std::string registry;  ///< a registry URL, see Discovery::locate
  Query query;
  Subscriber subscriber;
};
struct Subscribed {};

/// Idempotent. A SnapshotReady may still be on its way. The watch loop that nobody uses any more
/// ends.
struct Unsubscribe {
  std::string registry;
  Query query;
  Subscriber subscriber;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::Subscribe)
BRONTES_MESSAGE(brontes::Subscribed)
BRONTES_MESSAGE(brontes::Unsubscribe)

namespace brontes {

using Resolver = Interface<Subscribed(Subscribe), void(Unsubscribe), void(SnapshotChanged)>;

/// One per Discovery. Never blocks; to be stopped by its owner. With an archive, what is live goes
/// there, and while nothing was heard of a registry yet, what it has is served as stale.
Resolver spawn_resolver(System& system, std::shared_ptr<Registries> registries,
                        WatchLoopOptions options = {}, SnapshotArchive archive = {});

}  // namespace brontes
