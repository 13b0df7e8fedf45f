#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/lease_keeper_actor.hpp>
#include <utility>

namespace brontes {
namespace detail {

LeaseKeeperActor::behavior_type LeaseKeeperActor::make_behavior() {
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

void LeaseKeeperActor::on_exit() {
  records_.clear();
  registry_ = {};
}

caf::result<RecordStands> LeaseKeeperActor::announce(const AnnounceRecord& wish) {
  if (Status status = validate(wish.instance); !status.ok()) return to_error(status);
  if (!registry_.features.writable)
    return to_error({Errc::kUnimplemented, "announce " + wish.instance.name + " at " +
                                               registry_.url + ": it cannot be written"});
  const bool rested = lease_.id() && !somebody_stays();  // nobody renewed while all were leaving
  const auto [it, fresh] = records_.try_emplace(wish.instance.instance_id);
  KeptRecord& record = it->second;
  if (!fresh && record.key != record_key(wish.instance))
    return to_error({Errc::kInvalidArgument, "instance id " + wish.instance.instance_id +
                                                 " is announced as " + record.key});
  if (fresh) record.listener = wish.listener;
  record.want(wish.instance);
  if (rested) renew_after({});
  return promise_and_work(record);
}

caf::result<RecordStands> LeaseKeeperActor::drain(const DrainRecord& wish) {
  const auto found = records_.find(wish.instance_id);
  if (found == records_.end() || found->second.leaving)
    return to_error({Errc::kNotFound, "drain " + wish.instance_id + ": it is not announced"});
  Instance drained = found->second.instance;
  drained.healthy = false;
  found->second.want(std::move(drained));
  return promise_and_work(found->second);
}

caf::result<RecordStands> LeaseKeeperActor::withdraw(const WithdrawRecord& wish) {
  const auto found = records_.find(wish.instance_id);
  if (found == records_.end()) return RecordStands{};
  found->second.leave();
  return promise_and_work(found->second);
}

caf::result<RecordStands> LeaseKeeperActor::promise_and_work(KeptRecord& record) {
  if (record.waiting.size() >= KeptRecord::kWaitingLimit)
    return to_error({Errc::kResourceExhausted, "too many requests wait for " + record.key});
  auto promise = make_response_promise<caf::response_promise>();
  record.waiting.push_back(promise);
  work();
  return promise;
}

LeaseDescription LeaseKeeperActor::describe() const {
  LeaseDescription result;
  result.phase = records_.empty() ? LeasePhase::kIdle : lease_.phase(brontes::now(this));
  result.lease = lease_.id().value_or(LeaseId{});
  result.record_count = records_.size();
  for (const auto& [id, record] : records_)
    result.stand_count += record.phase == RecordPhase::kStanding ? 1 : 0;
  return result;
}

void LeaseKeeperActor::work() {
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

bool LeaseKeeperActor::somebody_stays() const {
  return std::any_of(records_.begin(), records_.end(),
                     [](const auto& entry) { return !entry.second.leaving; });
}

bool LeaseKeeperActor::all_drained() const {
  return !records_.empty() && std::all_of(records_.begin(), records_.end(), [](const auto& entry) {
    return entry.second.phase == RecordPhase::kDrained;
  });
}

void LeaseKeeperActor::arm_work() {
  const TimePoint now = brontes::now(this);
  TimePoint due = revoke_not_before_ > now ? revoke_not_before_ : TimePoint::max();
  for (const auto& [id, record] : records_)
    if (record.idle() && record.not_before > now) due = std::min(due, record.not_before);
  if (due != TimePoint::max()) send_after(this, itself(), due - now, PutDue{++work_turn_});
}

void LeaseKeeperActor::grant() {
  grant_ = Grant::kAsked;
  const TimePoint asked = brontes::now(this);
  ask(this, registry_.registry, options_.request_timeout, GrantLease{options_.ttl})
      .then([this, asked](const LeaseGranted& granted) { begin_lease(granted, asked); },
            [this](const caf::error& error) { grant_failed(to_status(error)); });
}

void LeaseKeeperActor::grant_failed(const Status& cause) {
  grant_ = Grant::kNone;
  if (!std::exchange(grant_failing_, true))
    log_warn(kLeaseKeeperName, "no lease yet, trying on registry={} cause=\"{}\"", registry_.url,
             cause.to_string());
  if (!records_.empty()) grant_after(lease_.grant_retry());
}

void LeaseKeeperActor::grant_after(Duration delay) {
  grant_ = Grant::kWaiting;
  send_after(this, itself(), delay, GrantDue{++lease_turn_});
}

void LeaseKeeperActor::begin_lease(const LeaseGranted& granted, TimePoint asked) {
  grant_ = Grant::kNone;
  grant_failing_ = false;
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

void LeaseKeeperActor::renew_after(Duration delay) {
  renew_at_ = brontes::now(this) + delay;
  send_after(this, itself(), delay, RenewDue{++lease_turn_});
}

void LeaseKeeperActor::renew() {
  const TimePoint asked = brontes::now(this);
  if (!somebody_stays()) {
    // What leaves need not be kept alive; if nobody can be told, the ttl tells them.
    if (asked >= lease_.deadline()) return end_lease({Errc::kDeadlineExceeded, "not confirmed"});
    return renew_after(lease_.deadline() - asked);
  }
  // A tick this late means that the process stood still: who knows what happened meanwhile.
  const bool paused = asked - renew_at_ > Duration(lease_.ttl()) / 3;
  if (paused || asked >= audit_at_) audit();
  ask(this, registry_.registry, lease_.renewal_patience(), RenewLease{*lease_.id()})
      .then(
          [this, asked, id = lease_.id()](const LeaseRenewed& renewed) {
            if (lease_.id() != id) return;
            const bool is_back = lease_.is_failing();
            lease_.renewed(renewed, asked);
            if (is_back) put_what_waits();
            renew_after(std::max(asked + lease_.renewal_period() - brontes::now(this), Duration{}));
          },
          [this, id = lease_.id()](const caf::error& error) {
            if (lease_.id() == id) renewal_failed(to_status(error));
          });
}

void LeaseKeeperActor::renewal_failed(const Status& cause) {
  // Only the registry knows that a lease is gone: it may keep it longer than we can hear of it.
  if (cause.code() == Errc::kNotFound) return end_lease(cause);
  renew_after(lease_.renewal_retry());
}

void LeaseKeeperActor::end_lease(const Status& cause) {
  const LeaseId id = lease_.id().value_or(LeaseId{});
  lease_.end();
  ++lease_turn_;
  for (auto& [key, record] : records_) record.lose(id, cause, brontes::now(this));
  finish_leaving(cause.code() == Errc::kNotFound ? Status() : cause);
  if (records_.empty()) return;
  log_warn(kLeaseKeeperName, "lease lost registry={} lease={:x} records={} cause=\"{}\"",
           registry_.url, id.value, records_.size(), cause.to_string());
  grant_after(lease_.first_retry());
}

}  // namespace detail

LeaseKeeper spawn_lease_keeper(System& system, OpenRegistry registry, LeaseKeeperOptions options) {
  return spawn_plumbing<detail::LeaseKeeperActor>(system, "discovery.lease_keeper",
                                                  std::move(registry), options);
}

}  // namespace brontes
