#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/snapshot_disk.hpp>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

namespace brontes {
namespace detail {
namespace {

constexpr const char* kArchiveName = "discovery.snapshot_archive";

/// One file, and what it shall hold.
struct Shelf {
  std::string registry;
  SnapshotPtr newest;
  bool live = false;      ///< the registry confirms it at this moment
  bool dirty = false;     ///< the disk has an older one
  bool writing = false;   ///< the disk is at it
  bool released = false;  ///< nothing new will come
  TimePoint written_at{};
  TimePoint due = TimePoint::max();
};

class SnapshotArchiveActor : public SnapshotArchive::base {
 public:
  SnapshotArchiveActor(caf::actor_config& config, const Clock& clock,
                       SnapshotArchiveOptions options, std::shared_ptr<SnapshotDisk> disk)
      : SnapshotArchive::base(config),
        clock_(clock),
        options_(std::move(options)),
        disk_(std::move(disk)) {}

  behavior_type make_behavior() override {
    door_ = std::make_shared<const SnapshotArchive>(caf::actor_cast<SnapshotArchive>(this));
    return {
        [this](const KeepSnapshot& wish) { keep(wish); },
        [this](const ReleaseSnapshot& wish) { release(wish); },
        [this](const RestoreSnapshot& wish) { return restore(wish); },
        [this](ArchiveDue due) {
          if (due.turn == turn_) write_due();
        },
        [this](const SnapshotWritten& done) { written(done); },
        [this](const SnapshotRead& done) { read(done); },
    };
  }

  void on_exit() override {
    for (auto& [file, shelf] : shelves_)
      if (shelf.dirty) disk_->write(file, content(shelf), [](const Status&) {});
    shelves_.clear();
    door_.reset();
    disk_.reset();
  }

 private:
  struct Reader {
    caf::typed_response_promise<SnapshotRestored> promise;
    std::string file;
    RestoreSnapshot wish;
  };

  std::string file_of(const std::string& registry, const Query& query) const {
    return options_.directory + '/' + snapshot_file_name(registry, query);
  }

  void keep(const KeepSnapshot& wish) {
    Shelf& shelf = shelves_[file_of(wish.registry, wish.snapshot->query)];
    shelf.live = wish.snapshot->status == SnapshotStatus::kLive;
    if (!shelf.live) return;
    shelf.registry = wish.registry;
    shelf.newest = wish.snapshot;
    shelf.dirty = true;
    shelf.released = false;
    shelf.due = std::min(shelf.due, std::max(brontes::now(this), shelf.written_at + options_.gap));
    write_due();
  }

  void release(const ReleaseSnapshot& wish) {
    const auto found = shelves_.find(file_of(wish.registry, wish.query));
    if (found == shelves_.end()) return;
    found->second.released = true;
    found->second.due = brontes::now(this);
    write_due();
    if (!found->second.writing) shelves_.erase(found);
  }

  void write_due() {
    for (auto& [file, shelf] : shelves_) {
      if (shelf.writing || shelf.due > brontes::now(this)) continue;
      shelf.due = TimePoint::max();
      if (shelf.dirty || (shelf.live && !shelf.released)) write(file, shelf);
    }
    arm();
  }

  void write(const std::string& file, Shelf& shelf) {
    shelf.writing = true;
    shelf.dirty = false;
    shelf.written_at = brontes::now(this);
    disk_->write(file, content(shelf), [door = std::weak_ptr(door_), file](const Status& status) {
      if (const auto open = door.lock()) tell(*open, SnapshotWritten{file, status});
    });
  }

  /// A state that the registry confirms at this moment is as old as this moment.
  ArchivedSnapshot content(const Shelf& shelf) {
    const Duration age = shelf.live ? Duration{} : brontes::now(this) - shelf.newest->proven;
    return {shelf.registry, shelf.newest,
            clock_.wall() - std::chrono::duration_cast<WallTime::duration>(age)};
  }

  void written(const SnapshotWritten& done) {
    const auto found = shelves_.find(done.file);
    if (found == shelves_.end()) return;
    Shelf& shelf = found->second;
    shelf.writing = false;
    if (done.status.ok()) {
      shelf.due = std::min(shelf.due, brontes::now(this) + options_.renew);
      if (shelf.dirty) shelf.due = std::min(shelf.due, shelf.written_at + options_.gap);
    } else {
      log_warn(kArchiveName, "snapshot not written file={} retry_s={} cause=\"{}\"", done.file,
               std::chrono::duration_cast<std::chrono::seconds>(options_.retry).count(),
               done.status.to_string());
      shelf.dirty = true;
      shelf.due = brontes::now(this) + options_.retry;
    }
    if (shelf.released && (!shelf.dirty || !done.status.ok())) shelves_.erase(found);
    write_due();
  }

  void arm() {
    TimePoint due = TimePoint::max();
    for (const auto& [file, shelf] : shelves_)
      if (!shelf.writing) due = std::min(due, shelf.due);
    if (due == armed_) return;
    armed_ = due;
    ++turn_;
    if (due == TimePoint::max()) return;
    send_after(this, caf::actor_cast<SnapshotArchive>(this), due - brontes::now(this),
               ArchiveDue{turn_});
  }

  caf::result<SnapshotRestored> restore(const RestoreSnapshot& wish) {
    const std::uint64_t ticket = ++last_ticket_;
    Reader reader{make_response_promise<SnapshotRestored>(), file_of(wish.registry, wish.query),
                  wish};
    disk_->read(reader.file, [door = std::weak_ptr(door_),
                              ticket](const Expected<ArchivedSnapshot>& found) {
      const auto open = door.lock();
      if (!open) return;
      if (found)
        tell(*open, SnapshotRead{ticket, {}, found->registry, found->snapshot, found->proven});
      else
        tell(*open, SnapshotRead{ticket, found.error(), {}, nullptr, {}});
    });
    const auto promise = reader.promise;
    readers_.emplace(ticket, std::move(reader));
    return promise;
  }

  void read(const SnapshotRead& done) {
    auto node = readers_.extract(done.ticket);
    if (!node) return;
    Reader& reader = node.mapped();
    reader.promise.deliver(SnapshotRestored{judge(done, reader)});
  }

  SnapshotPtr judge(const SnapshotRead& done, const Reader& reader) {
    const Status status = done.status.ok() ? fits(done, reader.wish) : done.status;
    if (status.code() == Errc::kNotFound) {
      log_info(kArchiveName, "no snapshot on disk query={} file={} next=\"wait for the registry\"",
               reader.wish.query.to_string(), reader.file);
      return nullptr;
    }
    if (!status.ok()) {
      log_warn(kArchiveName,
               "snapshot on disk skipped file={} next=\"wait for the registry\" cause=\"{}\"",
               reader.file, status.to_string());
      return nullptr;
    }
    auto snapshot = std::make_shared<Snapshot>(*done.snapshot);
    snapshot->status = SnapshotStatus::kStale;
    snapshot->proven = brontes::now(this) - age_of(done);
    snapshot->from_file = reader.file;
    log_warn(kArchiveName, "serving a snapshot from disk query={} instances={} age_s={} file={}",
             reader.wish.query.to_string(), snapshot->instances.size(),
             std::chrono::duration_cast<std::chrono::seconds>(age_of(done)).count(), reader.file);
    return snapshot;
  }

  /// By the wall clock: nothing else is the same in two processes. One that was set back is no
  /// reason to believe in the future.
  Duration age_of(const SnapshotRead& done) const {
    return std::max<Duration>(Duration{}, clock_.wall() - done.proven);
  }

  Status fits(const SnapshotRead& done, const RestoreSnapshot& wish) const {
    if (done.registry != wish.registry)
      return {Errc::kFailedPrecondition, "it is of " + done.registry + ", not of " + wish.registry};
    if (done.snapshot->query != wish.query)
      return {Errc::kFailedPrecondition, "it is of " + done.snapshot->query.to_string() +
                                             ", not of what " + wish.query.to_string() + " asks"};
    if (age_of(done) <= options_.max_age) return {};
    using Hours = std::chrono::hours;
    return {Errc::kOutOfRange,
            "it is " + std::to_string(std::chrono::duration_cast<Hours>(age_of(done)).count()) +
                " h old, and the limit is " +
                std::to_string(std::chrono::duration_cast<Hours>(options_.max_age).count()) + " h"};
  }

  const Clock& clock_;
  const SnapshotArchiveOptions options_;
  std::shared_ptr<SnapshotDisk> disk_;
  std::shared_ptr<const SnapshotArchive> door_;  ///< for the disk's answers, until the end
  std::map<std::string, Shelf> shelves_;         ///< by file
  std::map<std::uint64_t, Reader> readers_;      ///< by ticket
  std::uint64_t last_ticket_ = 0;
  std::uint64_t turn_ = 0;
  TimePoint armed_ = TimePoint::max();  ///< when the wanted ArchiveDue comes
};

}  // namespace

SnapshotArchive spawn_snapshot_archive(System& system, SnapshotArchiveOptions options,
                                       std::shared_ptr<SnapshotDisk> disk) {
  return spawn_plumbing<SnapshotArchiveActor>(system, kArchiveName, std::cref(system.clock()),
                                              std::move(options), std::move(disk));
}

}  // namespace detail

SnapshotArchive spawn_snapshot_archive(System& system, SnapshotArchiveOptions options) {
  return detail::spawn_snapshot_archive(system, std::move(options), detail::process_disk());
}

Status check_snapshot_dir(const std::string& directory) {
  const auto bad = [&](const std::string& why) {
    return Status(Errc::kInvalidArgument, "'" + directory + "' " + why);
  };
  struct stat about {};
  if (::stat(directory.c_str(), &about) != 0)
    return bad("cannot be used: " + std::generic_category().message(errno));
  if (!S_ISDIR(about.st_mode)) return bad("is no directory");
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return bad("cannot be written: " + std::generic_category().message(errno));
  return {};
}

bool is_worth_keeping(std::string_view registry) {
  return !registry.starts_with("memory:") && !registry.starts_with("static:");
}

}  // namespace brontes
