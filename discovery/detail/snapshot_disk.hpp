// The way to the disk: files are written and read there, off the actors' threads. Tests script it.
#pragma once

#include <brontes/discovery/detail/snapshot_file.hpp>
#include <brontes/discovery/snapshot_archive.hpp>
#include <functional>
#include <memory>
#include <string>

namespace brontes::detail {

/// Thread-safe, never blocks. One job after the other, in the order given; each is heard once, on
/// any thread.
class SnapshotDisk {
 public:
  virtual ~SnapshotDisk() = default;
  /// Whole or not at all: whoever reads, and whoever starts after a crash, finds the old file or
  /// the new one. kResourceExhausted: it is too large.
  virtual void write(std::string file, ArchivedSnapshot what,
                     std::function<void(const Status&)> ear) = 0;
  /// kNotFound: there is none; see also decode_snapshot.
  virtual void read(std::string file,
                    std::function<void(const Expected<ArchivedSnapshot>&)> ear) = 0;
};

/// A thread of its own. Its end waits until everything is written.
std::shared_ptr<SnapshotDisk> make_disk(std::size_t max_bytes = kMaxSnapshotBytes);
/// One for all of the process: what was given to it is written before the process ends.
std::shared_ptr<SnapshotDisk> process_disk();

SnapshotArchive spawn_snapshot_archive(System& system, SnapshotArchiveOptions options,
                                       std::shared_ptr<SnapshotDisk> disk);

}  // namespace brontes::detail
