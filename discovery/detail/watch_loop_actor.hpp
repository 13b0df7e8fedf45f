// The watch loop's state and steps. watch_loop.cpp has its way to a running watch,
// watched_state.cpp what it knows and says.
#pragma once

#include <brontes/discovery/detail/record_view.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <optional>

namespace brontes::detail {

inline constexpr const char* kWatchLoopName = "discovery.watch_loop";
inline constexpr Duration kHealthyWatch =
    std::chrono::seconds(10);                      // after so long, retries start anew
inline constexpr std::uint32_t kLaggingLists = 3;  // so many in a row are no race any more

//   waiting --ConnectDue--> listing --> starting --> watching
//      ^                       |            |            |
//      +------- failed --------+------------+--- broken -+      (a list only when it is needed)
enum class WatchPhase { kWaiting, kListing, kStarting, kWatching };

class WatchLoopActor : public WatchLoop::base {
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

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  Watcher watcher() { return caf::actor_cast<Watcher>(this); }
  WatchLoop itself() { return caf::actor_cast<WatchLoop>(this); }

  void connect();
  void list();
  void begin_from(const RecordsListed& listed);

  /// The view becomes the list; a registry that lost its history begins a new epoch.
  void take(const RecordsListed& listed);
  bool is_behind(std::uint64_t revision) const;
  void start_watch();
  void watch_started(const WatchStarted& started);
  void watch_broken(const WatchBroken& broken);
  /// What happened after view_.revision() cannot be told any more.
  void list_anew(const Status& cause);
  void failed(const Status& cause);  ///< the next attempt after a pause
  void failed(const Status& cause, Duration pause);

  void connect_after(Duration delay) {
    const ConnectDue due{++turn_};
    if (delay > Duration{}) return send_after(this, itself(), delay, due);
    brontes::send(this, itself(), due);
  }

  void apply(const RecordsChanged& changed);
  void confirm(WatchProgress progress);

  /// What we have is what the registry has.
  void confirmed();

  /// Everything that is due by time alone: staleness, anti-entropy, what is held back.
  void check();
  TimePoint stale_due() const;
  void arm_check();
  void relist_beside_watch();
  void compare(const RecordsListed& listed);
  void note(ViewEffect effect);
  void publish();

  WatchLoopOptions options_;
  OpenRegistry registry_;
  Query query_;
  SnapshotSink sink_;
  RecordView view_;
  Backoff backoff_;
  std::uint64_t random_;

  WatchPhase phase_ = WatchPhase::kWaiting;
  std::uint64_t turn_ = 0;  ///< of the attempt; also the watch id. Late answers carry another one
  bool known_ = false;      ///< the view was listed once
  bool relist_ = false;     ///< the history after view_.revision() is gone
  bool resumed_ = false;    ///< the watch goes on from a view that was not listed for it
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
  bool was_blind_ = false;                 ///< the watch was of no use for a while before that
  TimePoint proven_{};
  SnapshotPtr published_;
  std::uint64_t publish_turn_ = 0;
  TimePoint publish_armed_ = TimePoint::max();  ///< when the next PublishDue comes
  TimePoint last_publish_{};
};

}  // namespace brontes::detail
