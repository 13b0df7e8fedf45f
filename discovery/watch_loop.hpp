// Keeps the state of one query at one registry: list, watch from there, apply, resume, list anew.
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/registry.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// The state of the query changed: instances, status or epoch. Coalesced, so at most one per
/// window; each holds the whole state.
struct SnapshotChanged {
  std::uint64_t loop = 0;  ///< WatchLoopOptions::id of who says it
  SnapshotPtr snapshot;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::SnapshotChanged)

namespace brontes {

/// Who hears it: the resolver.
using SnapshotSink = Interface<void(SnapshotChanged)>;

struct WatchLoopOptions {
  std::uint64_t id = 0;                                ///< comes back in SnapshotChanged
  Duration request_timeout = std::chrono::seconds(5);  ///< for a list or the start of a watch
  BackoffOptions retry{std::chrono::milliseconds(50), std::chrono::seconds(3)};
  /// A broken watch is not news at once: subscribers hear kStale after this long without proof. A
  /// registry that ends it with kFailedPrecondition says that it could not have told of changes
  /// for a while already: then they hear it as soon as the next attempt fails.
  Duration stale_after = std::chrono::seconds(1);
  Duration coalesce = std::chrono::milliseconds(50);         ///< between two snapshots
  Duration coalesce_removal = std::chrono::milliseconds(5);  ///< when instances leave or drain
  Duration poll_interval = std::chrono::seconds(10);  ///< of registries that cannot be watched, and
                                                      ///< do not say how long a list is good
  Duration relist_interval = std::chrono::minutes(5);  ///< anti-entropy, +-20 %
  Duration hold_limit = std::chrono::seconds(60);      ///< unexplained removals are held this long
  double hold_share = 0.3;  ///< of the set, unexplained within `hold_window`
  Duration hold_window = std::chrono::seconds(30);
  Duration confirm_empty = std::chrono::seconds(1);  ///< between the two lists that prove emptiness
  std::uint64_t seed = 1;                            ///< of all jitter
};

/// Self -> self; `turn` tells a tick of an earlier attempt from one that is still wanted.
struct ConnectDue {
  std::uint64_t turn = 0;
};
struct PublishDue {
  std::uint64_t turn = 0;
};
struct CheckDue {};

}  // namespace brontes

BRONTES_MESSAGE(brontes::ConnectDue)
BRONTES_MESSAGE(brontes::PublishDue)
BRONTES_MESSAGE(brontes::CheckDue)

namespace brontes {

/// A Watcher for the registry. Never gives up and never ends by itself: stop() it.
using WatchLoop = Interface<void(RecordsChanged), void(WatchBroken), void(WatchProgress),
                            void(ConnectDue), void(PublishDue), void(CheckDue)>;

WatchLoop spawn_watch_loop(System& system, OpenRegistry registry, Query query, SnapshotSink sink,
                           WatchLoopOptions options = {});

}  // namespace brontes
