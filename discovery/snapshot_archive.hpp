// The last good snapshot of each query on disk, for a start while the registry cannot be reached.
// See docs/adr/0045-snapshots-on-disk.md.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace brontes {

/// What is known of a query now. kLive: it is on disk within `gap`, unless a newer one comes first.
/// kStale: what is on disk stays as it is.
struct KeepSnapshot {
  std::string registry;  ///< URL, normalised
  SnapshotPtr snapshot;
};
/// Nobody asks for that query any more: what is not on disk yet is written now, and that is all.
struct ReleaseSnapshot {
  std::string registry;
  Query query;
};
/// What the disk knows of the query.
struct RestoreSnapshot {
  std::string registry;
  Query query;
};
/// kStale, with `from_file`, and `proven` as long ago as the registry confirmed it. Null: there is
/// none that may be served; the log says why.
struct SnapshotRestored {
  SnapshotPtr snapshot;
};

/// Self -> self; `turn` tells the tick that is wanted from earlier ones.
struct ArchiveDue {
  std::uint64_t turn = 0;
};
/// Disk -> self.
struct SnapshotWritten {
  std::string file;
  Status status;
};
struct SnapshotRead {
  std::uint64_t ticket = 0;
  Status status;  ///< kNotFound: no such file
  std::string registry;
  SnapshotPtr snapshot;
  WallTime proven{};
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::KeepSnapshot)
BRONTES_MESSAGE(brontes::ReleaseSnapshot)
BRONTES_MESSAGE(brontes::RestoreSnapshot)
BRONTES_MESSAGE(brontes::SnapshotRestored)
BRONTES_MESSAGE(brontes::ArchiveDue)
BRONTES_MESSAGE(brontes::SnapshotWritten)
BRONTES_MESSAGE(brontes::SnapshotRead)

namespace brontes {

using SnapshotArchive =
    Interface<void(KeepSnapshot), void(ReleaseSnapshot), SnapshotRestored(RestoreSnapshot),
              void(ArchiveDue), void(SnapshotWritten), void(SnapshotRead)>;

struct SnapshotArchiveOptions {
  std::string directory;
  Duration gap = std::chrono::seconds(1);     ///< between two writes of one file; the latest wins
  Duration renew = std::chrono::minutes(10);  ///< of a file whose state stays as it is
  Duration retry = std::chrono::seconds(30);  ///< after a write that failed
  Duration max_age = std::chrono::hours(24);  ///< older ones are not served
};

/// One per Discovery; files are read and written on a thread of the process's own. Stopped, it
/// still writes what is not on disk yet. To be stopped by its owner.
SnapshotArchive spawn_snapshot_archive(System& system, SnapshotArchiveOptions options);

/// kInvalidArgument unless it is a directory that can be written. Looks at the disk.
Status check_snapshot_dir(const std::string& directory);

/// Registries in the process itself are never away when it starts: "memory:", "static:".
bool is_worth_keeping(std::string_view registry);

}  // namespace brontes
