// The records of a lease keeper: put, watched, repaired, removed.
#include <brontes/actors/log.hpp>
#include <brontes/discovery/detail/lease_keeper_actor.hpp>
#include <utility>

namespace brontes::detail {

void LeaseKeeperActor::audit() {
  audit_at_ = brontes::now(this) + lease_.audit_period();
  for (auto& [id, record] : records_)
    if (record.phase == RecordPhase::kStanding) record.attempt_at(RecordPhase::kWanted, {});
  work();
}

void LeaseKeeperActor::put(KeptRecord& record) {
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

KeptRecord* LeaseKeeperActor::still_wanted(const PutRecord& wish) {
  const auto found = records_.find(wish.instance.instance_id);
  const bool wanted = found != records_.end() && lease_.id() == wish.lease &&
                      found->second.phase == RecordPhase::kPutting;
  return wanted ? &found->second : nullptr;
}

void LeaseKeeperActor::record_put(KeptRecord& record, const PutRecord& wish,
                                  const RecordPut& done) {
  put_retry_.reset();
  put_failing_ = false;
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

void LeaseKeeperActor::put_failed(KeptRecord& record, const Status& cause) {
  if (cause.code() == Errc::kNotFound) return end_lease(cause);
  const TimePoint now = brontes::now(this);
  if (record.leaving) {
    record.attempt_at(RecordPhase::kDrained, {});
  } else if (cause.code() == Errc::kAlreadyExists) {
    conflict(record, cause);
  } else {
    if (!std::exchange(put_failing_, true))
      log_warn(kLeaseKeeperName, "put failed, trying on registry={} key={} cause=\"{}\"",
               registry_.url, record.key, cause.to_string());
    record.attempt_at(RecordPhase::kWanted, now + put_pause());
  }
  work();
}

Duration LeaseKeeperActor::put_pause() {
  return lease_.is_failing() ? Duration(lease_.ttl()) : put_retry_.next();
}

void LeaseKeeperActor::put_what_waits() {
  for (auto& [id, record] : records_)
    if (record.phase == RecordPhase::kWanted) record.not_before = {};
  work();
}

void LeaseKeeperActor::conflict(KeptRecord& record, const Status& cause) {
  log_error(kLeaseKeeperName, "a newer process has this instance id key={} retry_s={}", record.key,
            lease_.ttl().count());
  record.attempt_at(RecordPhase::kWanted, brontes::now(this) + lease_.ttl());
  record.tell_listener(AnnouncementEvent::Type::kConflict, *lease_.id(), cause);
}

void LeaseKeeperActor::remove(KeptRecord& record) {
  record.phase = RecordPhase::kRemoving;
  const std::string id = record.instance.instance_id;
  ask(this, registry_.registry, options_.request_timeout, RemoveRecord{*lease_.id(), record.key})
      .then([this, id] { removed(id, {}); },
            [this, id](const caf::error& error) { removed(id, to_status(error)); });
}

void LeaseKeeperActor::removed(const std::string& id, const Status& outcome) {
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

void LeaseKeeperActor::revoke() {
  for (auto& [id, record] : records_) record.phase = RecordPhase::kRemoving;
  ask(this, registry_.registry, options_.request_timeout, RevokeLease{*lease_.id()})
      .then([this, id = lease_.id()] { revoked(id, {}); },
            [this, id = lease_.id()](const caf::error& e) { revoked(id, to_status(e)); });
}

void LeaseKeeperActor::revoked(const std::optional<LeaseId>& id, const Status& outcome) {
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

void LeaseKeeperActor::finish_leaving(const Status& cause) {
  for (auto it = records_.begin(); it != records_.end();)
    it = it->second.leaving ? finish(it, cause) : std::next(it);
}

LeaseKeeperActor::Records::iterator LeaseKeeperActor::finish(Records::iterator it,
                                                             const Status& cause) {
  KeptRecord& record = it->second;
  record.tell_listener(AnnouncementEvent::Type::kDeregistered, lease_.id().value_or(LeaseId{}),
                       cause);
  record.answer();
  if (record.watch != WatchId{}) tell(registry_.registry, StopWatch{record.watch, watcher()});
  return records_.erase(it);
}

void LeaseKeeperActor::watch_own_key(KeptRecord& record) {
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

KeptRecord* LeaseKeeperActor::watched_by(WatchId watch) {
  for (auto& [id, record] : records_)
    if (record.watch == watch) return &record;
  return nullptr;
}

void LeaseKeeperActor::own_watch_broken(WatchId watch) {
  KeptRecord* record = watched_by(watch);
  if (record == nullptr) return;
  tell(registry_.registry, StopWatch{watch, watcher()});
  record->watch = {};
  // Put again: it tells whether the record is there, and from where to watch.
  if (record->phase == RecordPhase::kStanding)
    record->attempt_at(RecordPhase::kWanted, brontes::now(this) + put_retry_.next());
  work();
}

void LeaseKeeperActor::own_key_changed(const RecordsChanged& changed) {
  KeptRecord* record = watched_by(changed.watch);
  if (record == nullptr || changed.events.empty()) return;
  const RecordEvent& last = changed.events.back();
  if (last.record.key != record->key || last.record.revision <= record->revision) return;
  if (record->phase == RecordPhase::kStanding && lease_.id()) repair(*record, last);
}

void LeaseKeeperActor::repair(KeptRecord& record, const RecordEvent& event) {
  const bool put = event.type == RecordEvent::Type::kPut && event.record.instance;
  if (put && *event.record.instance == record.instance) return;
  if (put && incarnation(*event.record.instance) > incarnation(record.instance)) {
    conflict(record, {Errc::kAlreadyExists, "key " + record.key + " was taken over"});
    return work();
  }
  if (event.type == RecordEvent::Type::kRemoved)
    record.lose(*lease_.id(), {Errc::kNotFound, "somebody removed " + record.key},
                brontes::now(this));
  record.attempt_at(RecordPhase::kWanted, brontes::now(this) + repairs_.delay(brontes::now(this)));
  work();
}

}  // namespace brontes::detail
