#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/watch_loop_actor.hpp>
#include <utility>

namespace brontes {
namespace detail {
namespace {

bool is_blind(const Status& cause) { return cause.code() == Errc::kFailedPrecondition; }

}  // namespace

WatchLoopActor::behavior_type WatchLoopActor::make_behavior() {
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

void WatchLoopActor::on_exit() {
  if (registry_.registry) tell(registry_.registry, StopWatch{{turn_}, watcher()});
  registry_ = {};
  sink_ = nullptr;
  view_.clear();
  published_.reset();
}

void WatchLoopActor::connect() {
  ++turn_;
  resumed_ = known_ && !relist_ && registry_.features.watchable;
  resumed_ ? start_watch() : list();
}

void WatchLoopActor::list() {
  phase_ = WatchPhase::kListing;
  ask(this, registry_.registry, options_.request_timeout, ListRecords{query_})
      .then(
          [this, turn = turn_](const RecordsListed& listed) {
            if (turn == turn_) begin_from(listed);
          },
          [this, turn = turn_](const caf::error& error) {
            if (turn == turn_) failed(to_status(error));
          });
}

void WatchLoopActor::begin_from(const RecordsListed& listed) {
  confirmed();
  take(listed);
  publish();
  if (registry_.features.watchable) {
    start_watch();
  } else {
    phase_ = WatchPhase::kWaiting;
    backoff_.reset();
    connect_after(listed.good_for > Duration{} ? listed.good_for : options_.poll_interval);
  }
  arm_check();
}

void WatchLoopActor::start_watch() {
  phase_ = WatchPhase::kStarting;
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

void WatchLoopActor::watch_started(const WatchStarted& started) {
  if (started.epoch != registry_epoch_ || is_behind(started.revision))
    return list_anew({Errc::kDataLoss, "the registry is behind what it said before; listing anew"});
  phase_ = WatchPhase::kWatching;
  watching_since_ = brontes::now(this);
  confirmed();
  publish();
  arm_check();
}

void WatchLoopActor::watch_broken(const WatchBroken& broken) {
  if (broken.watch.value != turn_ || phase_ < WatchPhase::kStarting) return;
  if (phase_ == WatchPhase::kWatching) was_blind_ = is_blind(broken.cause);
  broken.cause.code() == Errc::kOutOfRange ? list_anew(broken.cause) : failed(broken.cause);
}

void WatchLoopActor::list_anew(const Status& cause) {
  relist_ = true;
  // The registry answers: no pause makes it remember more. But one that forgets while it is being
  // listed must not be asked without end.
  resumed_ ? failed(cause, Duration{}) : failed(cause);
}

void WatchLoopActor::failed(const Status& cause) {
  const Duration watched = brontes::now(this) - watching_since_;
  if (phase_ == WatchPhase::kWatching && watched >= kHealthyWatch) backoff_.reset();
  failed(cause, backoff_.next());
}

void WatchLoopActor::failed(const Status& cause, Duration pause) {
  if (phase_ >= WatchPhase::kStarting && registry_.registry)
    tell(registry_.registry, StopWatch{{turn_}, watcher()});
  phase_ = WatchPhase::kWaiting;
  cause_ = cause;
  if (broken_since_ && std::exchange(was_blind_, false)) {  // and nobody took over
    broken_since_ = std::min(*broken_since_, brontes::now(this) - options_.stale_after);
  } else if (!broken_since_) {
    broken_since_ = brontes::now(this);
    log_debug(kWatchLoopName, "watch broken query={} cause=\"{}\"", query_.to_string(),
              cause.to_string());
  }
  connect_after(pause);
  arm_check();
}

void WatchLoopActor::apply(const RecordsChanged& changed) {
  if (changed.watch.value != turn_ || phase_ < WatchPhase::kStarting) return;
  proven_ = brontes::now(this);
  note(view_.apply(changed, proven_));
  arm_check();
}

void WatchLoopActor::confirm(WatchProgress progress) {
  if (progress.watch.value != turn_ || phase_ != WatchPhase::kWatching) return;
  proven_ = brontes::now(this);
  view_.advance_to(progress.revision);
}

}  // namespace detail

WatchLoop spawn_watch_loop(System& system, OpenRegistry registry, Query query, SnapshotSink sink,
                           WatchLoopOptions options) {
  return spawn_plumbing<detail::WatchLoopActor>(system, "discovery.watch_loop", std::move(registry),
                                                std::move(query), std::move(sink), options);
}

}  // namespace brontes
