// The lease keeper's state and steps. lease_keeper.cpp has the wishes and the lease,
// kept_records.cpp the way of each record.
#pragma once

#include <brontes/discovery/detail/held_lease.hpp>
#include <brontes/discovery/detail/kept_record.hpp>
#include <brontes/discovery/detail/token_bucket.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <map>
#include <optional>
#include <string>

namespace brontes::detail {

inline constexpr const char* kLeaseKeeperName = "discovery.lease_keeper";

/// Messages only note what is wanted; work() takes the next step for all that is not as it should.
class LeaseKeeperActor : public LeaseKeeper::base {
 public:
  LeaseKeeperActor(caf::actor_config& config, OpenRegistry registry,
                   const LeaseKeeperOptions& options)
      : LeaseKeeper::base(config),
        options_(options),
        registry_(std::move(registry)),
        lease_(options),
        put_retry_(options.retry, options.seed + 1),
        repairs_(options.repair_burst, options.seed + 2) {}

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  caf::result<RecordStands> announce(const AnnounceRecord& wish);
  caf::result<RecordStands> drain(const DrainRecord& wish);
  caf::result<RecordStands> withdraw(const WithdrawRecord& wish);
  caf::result<RecordStands> promise_and_work(KeptRecord& record);
  LeaseDescription describe() const;
  void work();
  bool somebody_stays() const;
  bool all_drained() const;
  void arm_work();
  void grant();
  void grant_failed(const Status& cause);
  void grant_after(Duration delay);
  void begin_lease(const LeaseGranted& granted, TimePoint asked);

  void renew_after(Duration delay);

  void renew();
  void renewal_failed(const Status& cause);

  /// Puts everything again: a no-op for what is there, a repair for what is not.
  void audit();
  void end_lease(const Status& cause);
  void put(KeptRecord& record);

  /// Null when the answer comes too late to mean anything.
  KeptRecord* still_wanted(const PutRecord& wish);
  void record_put(KeptRecord& record, const PutRecord& wish, const RecordPut& done);
  void put_failed(KeptRecord& record, const Status& cause);
  /// While renewals fail they are the ones that try on: two who knock at a dead door cost twice as
  /// much and learn the same.
  Duration put_pause();
  void put_what_waits();
  void conflict(KeptRecord& record, const Status& cause);
  void remove(KeptRecord& record);
  void removed(const std::string& id, const Status& outcome);
  void revoke();
  void revoked(const std::optional<LeaseId>& id, const Status& outcome);

  using Records = std::map<std::string, KeptRecord>;
  void finish_leaving(const Status& cause);
  Records::iterator finish(Records::iterator it, const Status& cause);
  void watch_own_key(KeptRecord& record);
  KeptRecord* watched_by(WatchId watch);
  void own_watch_broken(WatchId watch);
  void own_key_changed(const RecordsChanged& changed);

  /// Somebody else removed or overwrote our record.
  void repair(KeptRecord& record, const RecordEvent& event);

  LeaseKeeper itself() { return caf::actor_cast<LeaseKeeper>(this); }
  Watcher watcher() { return caf::actor_cast<Watcher>(this); }

  enum class Grant { kNone, kAsked, kWaiting };

  LeaseKeeperOptions options_;
  OpenRegistry registry_;
  HeldLease lease_;
  Grant grant_ = Grant::kNone;    ///< kNone while a lease is held
  std::uint64_t lease_turn_ = 0;  ///< of the tick that is wanted: GrantDue or RenewDue
  std::uint64_t work_turn_ = 0;   ///< likewise of PutDue
  TimePoint renew_at_{};
  TimePoint audit_at_{};
  TimePoint revoke_not_before_{};
  Backoff put_retry_;
  bool put_failing_ = false;    ///< and said so in the log
  bool grant_failing_ = false;  ///< likewise
  TokenBucket repairs_;
  std::uint64_t last_watch_ = 0;
  Records records_;  ///< by instance id
};

}  // namespace brontes::detail
