// What a watch loop knows, how sure it is of it, and what it says.
#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/detail/watch_loop_actor.hpp>

namespace brontes::detail {

void WatchLoopActor::take(const RecordsListed& listed) {
  const bool history_lost =
      known_ && (listed.epoch != registry_epoch_ || is_behind(listed.revision));
  if (!known_) epoch_ = listed.epoch;
  if (history_lost) {
    epoch_ = std::max(epoch_ + 1, listed.epoch);
    log_warn(kWatchLoopName, "registry lost its history query={} revision={} listed={} epoch={}",
             query_.to_string(), view_.revision(), listed.revision, epoch_);
  }
  registry_epoch_ = listed.epoch;
  known_ = true;
  relist_ = false;
  next_relist_ = brontes::now(this) + options_.relist_interval * 4 / 5 +
                 jitter(random_, options_.relist_interval * 2 / 5);
  note(view_.replace(listed, history_lost, brontes::now(this)));
}

bool WatchLoopActor::is_behind(std::uint64_t revision) const {
  return registry_.features.revisions && revision < view_.revision();
}

void WatchLoopActor::confirmed() {
  proven_ = brontes::now(this);
  broken_since_.reset();
  cause_ = {};
  status_ = SnapshotStatus::kLive;
}

void WatchLoopActor::check() {
  const TimePoint now = brontes::now(this);
  if (now >= check_armed_) check_armed_ = TimePoint::max();
  if (now >= stale_due()) {
    status_ = SnapshotStatus::kStale;
    publish();
  }
  if (phase_ == WatchPhase::kWatching) {
    note(view_.expire(now));
    if (now >= next_relist_ || view_.wants_list(now)) relist_beside_watch();
  }
  arm_check();
}

TimePoint WatchLoopActor::stale_due() const {
  const bool fresh = broken_since_ && status_ != SnapshotStatus::kStale;
  return fresh ? *broken_since_ + options_.stale_after : TimePoint::max();
}

void WatchLoopActor::arm_check() {
  TimePoint due = stale_due();
  if (phase_ == WatchPhase::kWatching && !listing_beside_)
    due = std::min({due, next_relist_, view_.next_due()});
  if (due >= check_armed_) return;
  check_armed_ = due;
  send_after(this, itself(), std::max(due - brontes::now(this), Duration{}), CheckDue{});
}

void WatchLoopActor::relist_beside_watch() {
  if (listing_beside_) return;
  listing_beside_ = true;
  ask(this, registry_.registry, options_.request_timeout, ListRecords{query_})
      .then(
          [this, turn = turn_](const RecordsListed& listed) {
            listing_beside_ = false;
            if (turn == turn_ && phase_ == WatchPhase::kWatching) compare(listed);
            arm_check();
          },
          [this, turn = turn_](const caf::error& error) {
            listing_beside_ = false;
            if (turn == turn_ && phase_ == WatchPhase::kWatching) failed(to_status(error));
            arm_check();
          });
}

void WatchLoopActor::compare(const RecordsListed& listed) {
  const bool other_epoch = listed.epoch != registry_epoch_;
  if (!other_epoch && is_behind(listed.revision) && ++lagging_lists_ < kLaggingLists) {
    // Changes have overtaken the list, or it came from a member that lags.
    next_relist_ = brontes::now(this) + options_.confirm_empty;
    return;
  }
  const bool start_over = other_epoch || is_behind(listed.revision);
  lagging_lists_ = 0;
  proven_ = brontes::now(this);
  take(listed);
  if (start_over)
    failed({Errc::kDataLoss, "the registry is behind what it said before"}, Duration{});
}

void WatchLoopActor::note(ViewEffect effect) {
  if (!effect.changed) return;
  const TimePoint now = brontes::now(this);
  const Duration window = effect.leaving ? options_.coalesce_removal : options_.coalesce;
  const TimePoint due = std::max(now, last_publish_ + window);
  if (publish_armed_ <= due) return;
  if (due <= now) return publish();
  publish_armed_ = due;
  send_after(this, itself(), due - now, PublishDue{++publish_turn_});
}

void WatchLoopActor::publish() {
  ++publish_turn_;
  publish_armed_ = TimePoint::max();
  auto next = std::make_shared<Snapshot>();
  next->query = query_;
  next->revision = view_.revision();
  next->epoch = epoch_;
  next->status = status_;
  next->instances = view_.instances();
  next->held = view_.held();
  next->proven = proven_;
  next->cause = status_ == SnapshotStatus::kStale ? cause_ : Status();
  last_publish_ = brontes::now(this);
  if (published_ && published_->status == status_ && published_->epoch == epoch_ &&
      published_->held == next->held &&
      brontes::difference(published_->instances, next->instances).empty())
    return;
  published_ = std::move(next);
  brontes::send(this, sink_, SnapshotChanged{options_.id, published_});
}

}  // namespace brontes::detail
