// What a registry holds for one query, at one revision; and the events that say how it changed.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/instance.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

enum class SnapshotStatus {
  kPending,  ///< nothing was heard from the registry yet
  kLive,     ///< the watch runs
  kStale,    ///< the registry cannot be reached: the last good state, however old
};

/// Immutable. Instances are shared between snapshots and sorted by instance id.
struct Snapshot {
  Query query;
  std::uint64_t revision = 0;  ///< grows within one epoch
  std::uint64_t epoch = 1;     ///< grows when the registry lost its history (wipe, restore)
  SnapshotStatus status = SnapshotStatus::kPending;
  std::vector<InstancePtr> instances;
  /// Ids of those that vanished in a way that looks like the registry's failure and not like
  /// theirs. Use them as long as your own connection to them is good; they leave within a minute or
  /// return.
  std::vector<std::string> held;
  TimePoint proven{};  ///< when the registry last confirmed it
  Status cause;        ///< why it is stale; OK otherwise
  /// The file it was read from, as the registry could not be asked since the start; "" otherwise.
  std::string from_file = {};
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// What changed from the snapshot a subscriber had to the one it gets.
struct SnapshotChange {
  std::vector<InstancePtr> added, removed, updated;
  bool empty() const { return added.empty() && removed.empty() && updated.empty(); }
};

/// One event of a subscription. Latest wins: a slow subscriber skips states, never loses the last.
struct DiscoveryEvent {
  enum class Type {
    kSnapshot,  ///< the first one, then one per change
    kStale,     ///< the registry cannot be reached; `snapshot->cause` says why
    kLive,      ///< it can be reached again, and `snapshot` is confirmed
  };
  Type type = Type::kSnapshot;
  SnapshotPtr snapshot;
  SnapshotChange change;  ///< relative to what this subscriber saw before
};

/// The change that leads from one list to the other; instances are matched by instance id.
SnapshotChange difference(const std::vector<InstancePtr>& before,
                          const std::vector<InstancePtr>& now);

}  // namespace brontes
