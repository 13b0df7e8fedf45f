#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/detail/record_view.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <optional>

namespace brontes {
namespace {

constexpr const char* kName = "discovery.watch_loop";
constexpr Duration kHealthy = std::chrono::seconds(10);  // after so long, retries start anew
constexpr std::uint32_t kLaggingLists = 3;               // so many in a row are no race any more

//   waiting --ConnectDue--> listing --> starting --> watching
//      ^                       |            |            |
//      +------- failed --------+------------+--- broken -+      (a list only when it is needed)
enum class Phase { kWaiting, kListing, kStarting, kWatching };

class WatchLoopActor final : public WatchLoop::base {
 public:
  WatchLoopActor(caf::actor_config& config, OpenRegistry registry, Query query, SnapshotSink sink,
                 const WatchLoopOptions& options)
      : WatchLoop::base(config),
        options_(options),
        registry_(std::move(registry)),
        query_(std::move(query)),
        sink_(std::move(sink)),
        view_(query_,
              {options.hold_limit, options.hold_share, options.hold_window, options.confirm_empty}),
        backoff_(options.retry, options.seed),
        random_(options.seed) {}

  behavior_type make_behavior() override {
    brontes::monitor(this, registry_.registry);
    on_down(this, [this](const caf::actor_addr&, const caf::error&) {
      failed({Errc::kUnavailable, "the registry's actor ended"});
    });
    broken_since_ = brontes::now(this);
    next_relist_ = *broken_since_ + options_.relist_interval;
    connect();
    arm_check();
    return {
        [this](const RecordsChanged& changed) { apply(changed); },
        [this](const WatchBroken& broken) { watch_broken(broken); },
        [this](WatchProgress progress) { confirm(progress); },
        [this](ConnectDue due) {
          if (due.turn == turn_) connect();
        },
        [this](PublishDue due) {
          if (due.turn == publish_turn_) publish();
        },
        [this](CheckDue) { check(); },
    };
  }

  void on_exit() override {
    if (registry_.registry) tell(registry_.registry, StopWatch{{turn_}, watcher()});
    registry_ = {};
    sink_ = nullptr;
    view_.clear();
    published_.reset();
  }

 private:
  Watcher watcher() { return caf::actor_cast<Watcher>(this); }
  WatchLoop itself() { return caf::actor_cast<WatchLoop>(this); }

  void connect() {
    ++turn_;
    known_ && !relist_ && registry_.features.watchable ? start_watch() : list();
  }

  void list() {
    phase_ = Phase::kListing;
    ask(this, registry_.registry, options_.request_timeout, ListRecords{query_})
        .then(
            [this, turn = turn_](const RecordsListed& listed) {
              if (turn == turn_) begin_from(listed);
            },
            [this, turn = turn_](const caf::error& error) {
              if (turn == turn_) failed(to_status(error));
            });
  }

  void begin_from(const RecordsListed& listed) {
    confirmed();
    take(listed);
    publish();
    if (registry_.features.watchable) {
      start_watch();
    } else {
      phase_ = Phase::kWaiting;
      backoff_.reset();
      connect_after(options_.poll_interval);
    }
    arm_check();
  }

  /// The view becomes the list; a registry that lost its history begins a new epoch.
  void take(const RecordsListed& listed) {
    const bool history_lost =
        known_ && (listed.epoch != registry_epoch_ || is_behind(listed.revision));
    if (!known_) epoch_ = listed.epoch;
    if (history_lost) {
      epoch_ = std::max(epoch_ + 1, listed.epoch);
      log_warn(kName, "registry lost its history query={} revision={} listed={} epoch={}",
               query_.to_string(), view_.revision(), listed.revision, epoch_);
    }
    registry_epoch_ = listed.epoch;
    known_ = true;
    relist_ = false;
    next_relist_ = brontes::now(this) + options_.relist_interval * 4 / 5 +
                   jitter(random_, options_.relist_interval * 2 / 5);
    note(view_.replace(listed, history_lost, brontes::now(this)));
  }

  bool is_behind(std::uint64_t revision) const {
    return registry_.features.revisions && revision < view_.revision();
  }

  void start_watch() {
    phase_ = Phase::kStarting;
    const WatchRecords wish{{turn_}, query_, view_.revision(), watcher()};
    ask(this, registry_.registry, options_.request_timeout, wish)
        .then(
            [this, turn = turn_](const WatchStarted& started) {
              if (turn == turn_) watch_started(started);
            },
            [this, turn = turn_](const caf::error& error) {
              if (turn == turn_) watch_broken({{turn}, to_status(error)});
            });
  }

  void watch_started(const WatchStarted& started) {
    if (started.epoch != registry_epoch_ || is_behind(started.revision)) {
      relist_ = true;
      failed({Errc::kDataLoss, "the registry is behind what it said before; listing anew"});
      return;
    }
    phase_ = Phase::kWatching;
    watching_since_ = brontes::now(this);
    confirmed();
    publish();
    arm_check();
  }

  void watch_broken(const WatchBroken& broken) {
    if (broken.watch.value != turn_ || phase_ < Phase::kStarting) return;
    if (broken.cause.code() == Errc::kOutOfRange) relist_ = true;
    failed(broken.cause);
  }

  void failed(const Status& cause) {
    const TimePoint now = brontes::now(this);
    if (phase_ == Phase::kWatching && now - watching_since_ >= kHealthy) backoff_.reset();
    if (phase_ >= Phase::kStarting && registry_.registry)
      tell(registry_.registry, StopWatch{{turn_}, watcher()});
    phase_ = Phase::kWaiting;
    cause_ = cause;
    if (!broken_since_) {
      broken_since_ = now;
      log_debug(kName, "watch broken query={} cause={}", query_.to_string(), cause.to_string());
    }
    connect_after(backoff_.next());
    arm_check();
  }

  void connect_after(Duration delay) { send_after(this, itself(), delay, ConnectDue{++turn_}); }

  void apply(const RecordsChanged& changed) {
    if (changed.watch.value != turn_ || phase_ < Phase::kStarting) return;
    proven_ = brontes::now(this);
    note(view_.apply(changed, proven_));
    arm_check();
  }

  void confirm(WatchProgress progress) {
    if (progress.watch.value != turn_ || phase_ != Phase::kWatching) return;
    proven_ = brontes::now(this);
    view_.advance_to(progress.revision);
  }

  /// What we have is what the registry has.
  void confirmed() {
    proven_ = brontes::now(this);
    broken_since_.reset();
    cause_ = {};
    status_ = SnapshotStatus::kLive;
  }

  /// Everything that is due by time alone: staleness, anti-entropy, what is held back.
  void check() {
    const TimePoint now = brontes::now(this);
    if (now >= check_armed_) check_armed_ = TimePoint::max();
    if (now >= stale_due()) {
      status_ = SnapshotStatus::kStale;
      publish();
    }
    if (phase_ == Phase::kWatching) {
      note(view_.expire(now));
      if (now >= next_relist_ || view_.wants_list(now)) relist_beside_watch();
    }
    arm_check();
  }

  TimePoint stale_due() const {
    const bool fresh = broken_since_ && status_ != SnapshotStatus::kStale;
    return fresh ? *broken_since_ + options_.stale_after : TimePoint::max();
  }

  void arm_check() {
    TimePoint due = stale_due();
    if (phase_ == Phase::kWatching && !listing_beside_)
      due = std::min({due, next_relist_, view_.next_due()});
    if (due >= check_armed_) return;
    check_armed_ = due;
    send_after(this, itself(), std::max(due - brontes::now(this), Duration{}), CheckDue{});
  }

  void relist_beside_watch() {
    if (listing_beside_) return;
    listing_beside_ = true;
    ask(this, registry_.registry, options_.request_timeout, ListRecords{query_})
        .then(
            [this, turn = turn_](const RecordsListed& listed) {
              listing_beside_ = false;
              if (turn == turn_ && phase_ == Phase::kWatching) compare(listed);
              arm_check();
            },
            [this, turn = turn_](const caf::error& error) {
              listing_beside_ = false;
              if (turn == turn_ && phase_ == Phase::kWatching) failed(to_status(error));
              arm_check();
            });
  }

  void compare(const RecordsListed& listed) {
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
    if (start_over) failed({Errc::kDataLoss, "the registry is behind what it said before"});
  }

  void note(detail::ViewEffect effect) {
    if (!effect.changed) return;
    const TimePoint now = brontes::now(this);
    const Duration window = effect.leaving ? options_.coalesce_removal : options_.coalesce;
    const TimePoint due = std::max(now, last_publish_ + window);
    if (publish_armed_ <= due) return;
    if (due <= now) return publish();
    publish_armed_ = due;
    send_after(this, itself(), due - now, PublishDue{++publish_turn_});
  }

  void publish() {
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

  WatchLoopOptions options_;
  OpenRegistry registry_;
  Query query_;
  SnapshotSink sink_;
  detail::RecordView view_;
  Backoff backoff_;
  std::uint64_t random_;

  Phase phase_ = Phase::kWaiting;
  std::uint64_t turn_ = 0;  ///< of the attempt; also the watch id. Late answers carry another one
  bool known_ = false;      ///< the view was listed once
  bool relist_ = false;     ///< the history after view_.revision() is gone
  bool listing_beside_ = false;
  std::uint32_t lagging_lists_ = 0;
  std::uint64_t epoch_ = 1;           ///< ours: grows
  std::uint64_t registry_epoch_ = 1;  ///< the registry's, for comparing
  TimePoint watching_since_{};
  TimePoint next_relist_{};
  TimePoint check_armed_ = TimePoint::max();  ///< when the next CheckDue comes

  SnapshotStatus status_ = SnapshotStatus::kPending;
  Status cause_{Errc::kUnavailable, "the registry has not answered yet"};  ///< of the last failure
  std::optional<TimePoint> broken_since_;  ///< engaged while the watch does not run
  TimePoint proven_{};
  SnapshotPtr published_;
  std::uint64_t publish_turn_ = 0;
  TimePoint publish_armed_ = TimePoint::max();  ///< when the next PublishDue comes
  TimePoint last_publish_{};
};

}  // namespace

WatchLoop spawn_watch_loop(System& system, OpenRegistry registry, Query query, SnapshotSink sink,
                           WatchLoopOptions options) {
  return system.caf().spawn<WatchLoopActor>(std::move(registry), std::move(query), std::move(sink),
                                            options);
}

}  // namespace brontes
