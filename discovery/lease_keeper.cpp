#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/detail/held_lease.hpp>
#include <brontes/discovery/detail/kept_record.hpp>
#include <brontes/discovery/detail/token_bucket.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <map>

namespace brontes {
namespace {

using detail::KeptRecord;
using detail::RecordPhase;

constexpr const char* kName = "discovery.lease_keeper";

/// Messages only note what is wanted; work() takes the next step for all that is not as it should.
class LeaseKeeperActor final : public LeaseKeeper::base {
 public:
  LeaseKeeperActor(caf::actor_config& config, OpenRegistry registry,
                   const LeaseKeeperOptions& options)
      : LeaseKeeper::base(config),
        options_(options),
        registry_(std::move(registry)),
        lease_(options),
        put_retry_(options.retry, options.seed + 1),
        repairs_(options.repair_burst, options.seed + 2) {}

  behavior_type make_behavior() override {
    return {
        [this](const AnnounceRecord& wish) { return announce(wish); },
        [this](const DrainRecord& wish) { return drain(wish); },
        [this](const WithdrawRecord& wish) { return withdraw(wish); },
        [this](DescribeLease) { return describe(); },
        [this](GrantDue due) {
          if (due.turn == lease_turn_) grant();
        },
        [this](RenewDue due) {
          if (due.turn == lease_turn_) renew();
        },
        [this](PutDue due) {
          if (due.turn == work_turn_) work();
        },
        [this](const RecordsChanged& changed) { own_key_changed(changed); },
        [this](const WatchBroken& broken) { own_watch_broken(broken.watch); },
        [](WatchProgress) {},
    };
  }

  void on_exit() override {
    records_.clear();
    registry_ = {};
  }

 private:
  caf::result<RecordStands> announce(const AnnounceRecord& wish) {
    if (Status status = validate(wish.instance); !status.ok()) return to_error(status);
    if (!registry_.features.writable)
      return to_error({Errc::kUnimplemented, "announce " + wish.instance.name + " at " +
                                                 registry_.url + ": it cannot be written"});
    const auto [it, fresh] = records_.try_emplace(wish.instance.instance_id);
    KeptRecord& record = it->second;
    if (!fresh && record.key != record_key(wish.instance))
      return to_error({Errc::kInvalidArgument, "instance id " + wish.instance.instance_id +
                                                   " is announced as " + record.key});
    if (fresh) record.listener = wish.listener;
    record.want(wish.instance);
    return promise_and_work(record);
  }

  caf::result<RecordStands> drain(const DrainRecord& wish) {
    const auto found = records_.find(wish.instance_id);
    if (found == records_.end() || found->second.leaving)
      return to_error({Errc::kNotFound, "drain " + wish.instance_id + ": it is not announced"});
    Instance drained = found->second.instance;
    drained.healthy = false;
    found->second.want(std::move(drained));
    return promise_and_work(found->second);
  }

  caf::result<RecordStands> withdraw(const WithdrawRecord& wish) {
    const auto found = records_.find(wish.instance_id);
    if (found == records_.end()) return RecordStands{};
    found->second.leave();
    return promise_and_work(found->second);
  }

  caf::result<RecordStands> promise_and_work(KeptRecord& record) {
    if (record.waiting.size() >= KeptRecord::kWaitingLimit)
      return to_error({Errc::kResourceExhausted, "too many requests wait for " + record.key});
    auto promise = make_response_promise<caf::response_promise>();
    record.waiting.push_back(promise);
    work();
    return promise;
  }

  LeaseDescription describe() const {
    LeaseDescription result;
    result.phase = records_.empty() ? LeasePhase::kIdle : lease_.phase(brontes::now(this));
    result.lease = lease_.id().value_or(LeaseId{});
    result.record_count = records_.size();
    for (const auto& [id, record] : records_)
      result.stand_count += record.phase == RecordPhase::kStanding ? 1 : 0;
    return result;
  }

  void work() {
    if (!lease_.id()) {
      finish_leaving({});
      if (!records_.empty() && grant_ == Grant::kNone) grant();
      return;
    }
    const TimePoint now = brontes::now(this);
    const bool nobody_stays = !somebody_stays();
    for (auto& [id, record] : records_) {
      if (!record.idle() || record.not_before > now) continue;
      if (record.phase == RecordPhase::kWanted)
        put(record);
      else if (!nobody_stays)
        remove(record);
    }
    if (nobody_stays && all_drained() && revoke_not_before_ <= now) revoke();
    arm_work();
  }

  bool somebody_stays() const {
    return std::any_of(records_.begin(), records_.end(),
                       [](const auto& entry) { return !entry.second.leaving; });
  }

  bool all_drained() const {
    return !records_.empty() &&
           std::all_of(records_.begin(), records_.end(), [](const auto& entry) {
             return entry.second.phase == RecordPhase::kDrained;
           });
  }

  void arm_work() {
    const TimePoint now = brontes::now(this);
    TimePoint due = revoke_not_before_ > now ? revoke_not_before_ : TimePoint::max();
    for (const auto& [id, record] : records_)
      if (record.idle() && record.not_before > now) due = std::min(due, record.not_before);
    if (due != TimePoint::max()) send_after(this, itself(), due - now, PutDue{++work_turn_});
  }

  void grant() {
    grant_ = Grant::kAsked;
    const TimePoint asked = brontes::now(this);
    ask(this, registry_.registry, options_.request_timeout, GrantLease{options_.ttl})
        .then([this, asked](const LeaseGranted& granted) { begin_lease(granted, asked); },
              [this](const caf::error& error) { grant_failed(to_status(error)); });
  }

  void grant_failed(const Status& cause) {
    grant_ = Grant::kNone;
    log_debug(kName, "grant failed registry={} cause={}", registry_.url, cause.to_string());
    if (!records_.empty()) grant_after(lease_.grant_retry());
  }

  void grant_after(Duration delay) {
    grant_ = Grant::kWaiting;
    send_after(this, itself(), delay, GrantDue{++lease_turn_});
  }

  void begin_lease(const LeaseGranted& granted, TimePoint asked) {
    grant_ = Grant::kNone;
    if (records_.empty()) {
      // All was withdrawn while the registry thought about it. If this is lost too, the ttl ends
      // it.
      ask(this, registry_.registry, options_.request_timeout, RevokeLease{granted.lease})
          .then([] {}, [](const caf::error&) {});
      return;
    }
    lease_.begin(granted, asked);
    audit_at_ = asked + lease_.audit_period();
    renew_after(lease_.renewal_period());
    work();
  }

  void renew_after(Duration delay) { send_after(this, itself(), delay, RenewDue{++lease_turn_}); }

  void renew() {
    const TimePoint asked = brontes::now(this);
    if (!somebody_stays()) {
      // What leaves need not be kept alive; if nobody can be told, the ttl tells them.
      if (asked >= lease_.deadline()) return end_lease({Errc::kDeadlineExceeded, "not confirmed"});
      return renew_after(lease_.deadline() - asked);
    }
    if (asked >= audit_at_) audit();
    ask(this, registry_.registry, lease_.renewal_patience(), RenewLease{*lease_.id()})
        .then(
            [this, asked, id = lease_.id()](const LeaseRenewed& renewed) {
              if (lease_.id() != id) return;
              lease_.renewed(renewed, asked);
              renew_after(
                  std::max(asked + lease_.renewal_period() - brontes::now(this), Duration{}));
            },
            [this, id = lease_.id()](const caf::error& error) {
              if (lease_.id() == id) renewal_failed(to_status(error));
            });
  }

  void renewal_failed(const Status& cause) {
    // Only the registry knows that a lease is gone: it may keep it longer than we can hear of it.
    if (cause.code() == Errc::kNotFound) return end_lease(cause);
    renew_after(lease_.renewal_retry());
  }

  /// Puts everything again: a no-op for what is there, a repair for what is not.
  void audit() {
    audit_at_ = brontes::now(this) + lease_.audit_period();
    for (auto& [id, record] : records_)
      if (record.phase == RecordPhase::kStanding) record.attempt_at(RecordPhase::kWanted, {});
    work();
  }

  void end_lease(const Status& cause) {
    const LeaseId id = lease_.id().value_or(LeaseId{});
    lease_.end();
    ++lease_turn_;
    for (auto& [key, record] : records_) record.lose(id, cause, brontes::now(this));
    finish_leaving(cause.code() == Errc::kNotFound ? Status() : cause);
    if (records_.empty()) return;
    log_warn(kName, "lease lost registry={} lease={:x} records={} cause={}", registry_.url,
             id.value, records_.size(), cause.to_string());
    grant_after(lease_.first_retry());
  }

  void put(KeptRecord& record) {
    record.phase = RecordPhase::kPutting;
    const PutRecord wish{*lease_.id(), record.instance};
    ask(this, registry_.registry, options_.request_timeout, wish)
        .then(
            [this, wish](const RecordPut& done) {
              if (KeptRecord* record = still_wanted(wish)) record_put(*record, wish, done);
            },
            [this, wish](const caf::error& error) {
              if (KeptRecord* record = still_wanted(wish)) put_failed(*record, to_status(error));
            });
  }

  /// Null when the answer comes too late to mean anything.
  KeptRecord* still_wanted(const PutRecord& wish) {
    const auto found = records_.find(wish.instance.instance_id);
    const bool wanted = found != records_.end() && lease_.id() == wish.lease &&
                        found->second.phase == RecordPhase::kPutting;
    return wanted ? &found->second : nullptr;
  }

  void record_put(KeptRecord& record, const PutRecord& wish, const RecordPut& done) {
    put_retry_.reset();
    record.revision = done.revision;
    if (record.instance != wish.instance) {
      record.attempt_at(RecordPhase::kWanted, {});
    } else if (record.leaving) {
      record.attempt_at(RecordPhase::kDrained, {});
    } else {
      record.stand(wish.lease, brontes::now(this));
      if (record.watch == WatchId{}) watch_own_key(record);
    }
    work();
  }

  void put_failed(KeptRecord& record, const Status& cause) {
    if (cause.code() == Errc::kNotFound) return end_lease(cause);
    const TimePoint now = brontes::now(this);
    if (record.leaving) {
      record.attempt_at(RecordPhase::kDrained, {});
    } else if (cause.code() == Errc::kAlreadyExists) {
      conflict(record, cause);
    } else {
      record.attempt_at(RecordPhase::kWanted, now + put_retry_.next());
    }
    work();
  }

  void conflict(KeptRecord& record, const Status& cause) {
    log_error(kName, "a newer process has this instance id key={} retry_s={}", record.key,
              lease_.ttl().count());
    record.attempt_at(RecordPhase::kWanted, brontes::now(this) + lease_.ttl());
    record.tell_listener(AnnouncementEvent::Type::kConflict, *lease_.id(), cause);
  }

  void remove(KeptRecord& record) {
    record.phase = RecordPhase::kRemoving;
    const std::string id = record.instance.instance_id;
    ask(this, registry_.registry, options_.request_timeout, RemoveRecord{*lease_.id(), record.key})
        .then([this, id] { removed(id, {}); },
              [this, id](const caf::error& error) { removed(id, to_status(error)); });
  }

  void removed(const std::string& id, const Status& outcome) {
    const auto found = records_.find(id);
    if (found == records_.end() || found->second.phase != RecordPhase::kRemoving) return;
    KeptRecord& record = found->second;
    if (!record.leaving)
      record.attempt_at(RecordPhase::kWanted, {});
    else if (outcome.ok())
      finish(found, {});
    else
      record.attempt_at(RecordPhase::kDrained, brontes::now(this) + put_retry_.next());
    work();
  }

  void revoke() {
    for (auto& [id, record] : records_) record.phase = RecordPhase::kRemoving;
    ask(this, registry_.registry, options_.request_timeout, RevokeLease{*lease_.id()})
        .then([this, id = lease_.id()] { revoked(id, {}); },
              [this, id = lease_.id()](const caf::error& e) { revoked(id, to_status(e)); });
  }

  void revoked(const std::optional<LeaseId>& id, const Status& outcome) {
    if (lease_.id() != id) return;
    if (outcome.ok()) {
      lease_.end();
      ++lease_turn_;
    } else {
      revoke_not_before_ = brontes::now(this) + put_retry_.next();
    }
    for (auto& [key, record] : records_) {
      if (record.phase == RecordPhase::kRemoving)
        record.attempt_at(record.leaving ? RecordPhase::kDrained : RecordPhase::kWanted, {});
    }
    work();
  }

  using Records = std::map<std::string, KeptRecord>;

  void finish_leaving(const Status& cause) {
    for (auto it = records_.begin(); it != records_.end();)
      it = it->second.leaving ? finish(it, cause) : std::next(it);
  }

  Records::iterator finish(Records::iterator it, const Status& cause) {
    KeptRecord& record = it->second;
    record.tell_listener(AnnouncementEvent::Type::kDeregistered, lease_.id().value_or(LeaseId{}),
                         cause);
    record.answer();
    if (record.watch != WatchId{}) tell(registry_.registry, StopWatch{record.watch, watcher()});
    return records_.erase(it);
  }

  void watch_own_key(KeptRecord& record) {
    if (!registry_.features.watchable) return;
    record.watch = {++last_watch_};
    Query query;
    query.name = record.instance.name;
    query.version = record.instance.version;
    query.instance_id = record.instance.instance_id;
    const WatchRecords wish{record.watch, std::move(query), record.revision, watcher()};
    ask(this, registry_.registry, options_.request_timeout, wish)
        .then([](const WatchStarted&) {},
              [this, id = record.watch](const caf::error&) { own_watch_broken(id); });
  }

  KeptRecord* watched_by(WatchId watch) {
    for (auto& [id, record] : records_)
      if (record.watch == watch) return &record;
    return nullptr;
  }

  void own_watch_broken(WatchId watch) {
    KeptRecord* record = watched_by(watch);
    if (record == nullptr) return;
    tell(registry_.registry, StopWatch{watch, watcher()});
    record->watch = {};
    // Put again: it tells whether the record is there, and from where to watch.
    if (record->phase == RecordPhase::kStanding)
      record->attempt_at(RecordPhase::kWanted, brontes::now(this) + put_retry_.next());
    work();
  }

  void own_key_changed(const RecordsChanged& changed) {
    KeptRecord* record = watched_by(changed.watch);
    if (record == nullptr || changed.events.empty()) return;
    const RecordEvent& last = changed.events.back();
    if (last.record.key != record->key || last.record.revision <= record->revision) return;
    if (record->phase == RecordPhase::kStanding && lease_.id()) repair(*record, last);
  }

  /// Somebody else removed or overwrote our record.
  void repair(KeptRecord& record, const RecordEvent& event) {
    const bool put = event.type == RecordEvent::Type::kPut && event.record.instance;
    if (put && *event.record.instance == record.instance) return;
    if (put && incarnation(*event.record.instance) > incarnation(record.instance)) {
      conflict(record, {Errc::kAlreadyExists, "key " + record.key + " was taken over"});
      return work();
    }
    if (event.type == RecordEvent::Type::kRemoved)
      record.lose(*lease_.id(), {Errc::kNotFound, "somebody removed " + record.key},
                  brontes::now(this));
    record.attempt_at(RecordPhase::kWanted,
                      brontes::now(this) + repairs_.delay(brontes::now(this)));
    work();
  }

  LeaseKeeper itself() { return caf::actor_cast<LeaseKeeper>(this); }
  Watcher watcher() { return caf::actor_cast<Watcher>(this); }

  enum class Grant { kNone, kAsked, kWaiting };

  LeaseKeeperOptions options_;
  OpenRegistry registry_;
  detail::HeldLease lease_;
  Grant grant_ = Grant::kNone;    ///< kNone while a lease is held
  std::uint64_t lease_turn_ = 0;  ///< of the tick that is wanted: GrantDue or RenewDue
  std::uint64_t work_turn_ = 0;   ///< likewise of PutDue
  TimePoint audit_at_{};
  TimePoint revoke_not_before_{};
  Backoff put_retry_;
  detail::TokenBucket repairs_;
  std::uint64_t last_watch_ = 0;
  Records records_;  ///< by instance id
};

}  // namespace

LeaseKeeper spawn_lease_keeper(System& system, OpenRegistry registry, LeaseKeeperOptions options) {
  return system.caf().spawn<LeaseKeeperActor>(std::move(registry), options);
}

}  // namespace brontes
