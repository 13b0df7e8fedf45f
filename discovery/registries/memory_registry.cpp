#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/answer_box.hpp>
#include <brontes/discovery/detail/record_store.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <set>
#include <type_traits>
#include <vector>

namespace brontes {
namespace {

const Status kDown{Errc::kUnavailable, "the memory registry was told to be unavailable; try again"};

struct Watch {
  WatchId id;
  Query query;
  Watcher watcher;
  std::uint64_t sent = 0;  ///< it has all changes up to this revision
  bool broken = false;
};

class MemoryRegistryActor : public MemoryRegistry::base {
 public:
  MemoryRegistryActor(caf::actor_config& config, MemoryRegistryOptions options)
      : MemoryRegistry::base(config),
        options_(options),
        store_(options.history_limit),
        answers_(options.unanswered_limit) {}

  behavior_type make_behavior() override {
    on_down(this, [this](const caf::actor_addr& who, const caf::error&) { forget(who); });
    return {
        [this](const GrantLease& wish) { return answer(grant(wish)); },
        [this](const PutRecord& wish) { return answer(put(wish)); },
        [this](const RenewLease& wish) { return answer(renew(wish)); },
        [this](const RevokeLease& wish) { return answer(revoke(wish)); },
        [this](const RemoveRecord& wish) { return answer(remove(wish)); },
        [this](const ListRecords& wish) { return answer(list(wish)); },
        [this](const WatchRecords& wish) { return answer(start_watch(wish)); },
        [this](const StopWatch& wish) { stop_watch(wish); },
        [this](CompactHistory wish) { compact(wish); },
        [this](WipeRegistry) { wipe(); },
        [this](RemoveAllRecords) {
          store_.remove_all();
          publish();
        },
        [this](ExpireLease wish) { expire(wish); },
        [this](const SetFaults& faults) { set_faults(faults); },
        [this](LapseDue) { lapse(); },
        [this](AnswerDue due) { answers_.deliver(due.number); },
    };
  }

  void on_exit() override {
    watches_.clear();
    answers_.clear();
  }

 private:
  Expected<LeaseGranted> grant(const GrantLease& wish) {
    if (faults_.unavailable) return fail(kDown);
    if (wish.ttl < std::chrono::seconds(1))
      return fail(Errc::kInvalidArgument, "grant a lease: the ttl is below one second");
    auto granted = store_.grant(wish.ttl, brontes::now(this));
    arm_lapse();
    return granted;
  }

  Expected<RecordPut> put(const PutRecord& wish) {
    if (faults_.unavailable) return fail(kDown);
    if (Status status = validate(wish.instance); !status.ok()) return fail(std::move(status));
    if (store_.record_count() >= options_.record_limit && !store_.holds(record_key(wish.instance)))
      return fail(Errc::kResourceExhausted, "put " + wish.instance.name + ": the registry is full");
    auto result = store_.put(wish.lease, wish.instance);
    publish();
    return result;
  }

  Expected<LeaseRenewed> renew(const RenewLease& wish) {
    if (faults_.unavailable) return fail(kDown);
    return store_.renew(wish.lease, brontes::now(this));
  }

  Expected<RecordsListed> list(const ListRecords& wish) {
    if (faults_.unavailable) return fail(kDown);
    return store_.list(wish.query);
  }

  Expected<void> revoke(const RevokeLease& wish) {
    if (faults_.unavailable) return fail(kDown);
    store_.revoke(wish.lease);
    publish();
    return {};
  }

  Expected<void> remove(const RemoveRecord& wish) {
    if (faults_.unavailable) return fail(kDown);
    store_.remove(wish.lease, wish.key);
    publish();
    return {};
  }

  Expected<WatchStarted> start_watch(const WatchRecords& wish) {
    if (faults_.unavailable) return fail(kDown);
    if (watches_.size() >= options_.watch_limit)
      return fail(Errc::kResourceExhausted,
                  "watch " + wish.query.to_string() + ": too many watches");
    auto missed = store_.changes_after(wish.after_revision, wish.query);
    if (!missed) return fail(missed.error());
    stop_watch({wish.watch, wish.watcher});
    if (monitored_.insert(wish.watcher.address()).second) brontes::monitor(this, wish.watcher);
    watches_.push_back({wish.watch, wish.query, wish.watcher, wish.after_revision});
    // What was missed goes out in the next turn, behind the answer.
    brontes::send(this, itself(), LapseDue{});
    return WatchStarted{wish.watch, store_.revision(), store_.epoch()};
  }

  void stop_watch(const StopWatch& wish) {
    std::erase_if(watches_, [&](const Watch& watch) {
      return watch.id == wish.watch && watch.watcher == wish.watcher;
    });
  }

  void forget(const caf::actor_addr& who) {
    monitored_.erase(who);
    std::erase_if(watches_, [&](const Watch& watch) { return watch.watcher.address() == who; });
  }

  /// Sends each watch what it has not seen, from the history: replay and silence are no extra
  /// cases.
  void publish() {
    if (faults_.silent) return;
    for (Watch& watch : watches_) {
      if (watch.sent >= store_.revision()) continue;
      const auto events = store_.changes_after(watch.sent, watch.query);
      if (!events) {
        brontes::send(this, watch.watcher, WatchBroken{watch.id, events.error()});
        watch.broken = true;
        continue;
      }
      watch.sent = store_.revision();
      if (events->empty()) continue;
      const RecordsChanged changed{watch.id, events->back().record.revision, *events};
      brontes::send(this, watch.watcher, changed);
      if (faults_.duplicate_changes) brontes::send(this, watch.watcher, changed);
    }
    std::erase_if(watches_, [](const Watch& watch) { return watch.broken; });
  }

  void break_watches(const Status& cause) {
    for (const Watch& watch : watches_)
      brontes::send(this, watch.watcher, WatchBroken{watch.id, cause});
    watches_.clear();
  }

  void compact(CompactHistory wish) {
    store_.compact(wish.revision > 0 ? wish.revision : store_.revision());
  }

  void wipe() {
    store_.wipe();
    break_watches({Errc::kUnavailable, "the registry was restarted with an empty store"});
  }

  void expire(ExpireLease wish) {
    if (wish.lease.value > 0)
      store_.revoke(wish.lease);
    else
      store_.lapse(TimePoint::max());
    publish();
  }

  void set_faults(const SetFaults& faults) {
    faults_ = faults;
    if (faults_.unavailable) break_watches(kDown);
    if (!faults_.silent) answers_.deliver_all();
    publish();
    arm_lapse();
  }

  void lapse() {
    if (brontes::now(this) >= lapse_armed_) lapse_armed_ = TimePoint::max();
    if (!faults_.frozen_leases) store_.lapse(brontes::now(this));
    publish();
    arm_lapse();
  }

  void arm_lapse() {
    const TimePoint due = store_.next_lapse();
    if (due >= lapse_armed_ || faults_.frozen_leases) return;
    lapse_armed_ = due;
    send_after(this, itself(), std::max(due - brontes::now(this), Duration{}), LapseDue{});
  }

  /// The way of every answer: at once, later, when healed, or never.
  template <class T>
  caf::result<T> answer(Expected<T> outcome) {
    const bool dropped = faults_.dropped_answers > 0;
    if (dropped) --faults_.dropped_answers;
    if (!dropped && !faults_.silent && faults_.answer_delay <= Duration{}) {
      if (!outcome) return to_error(outcome.error());
      if constexpr (std::is_void_v<T>)
        return {};
      else
        return std::move(*outcome);
    }
    auto promise = make_response_promise<caf::response_promise>();
    if (dropped) return promise;
    const auto number = answers_.hold([promise, outcome]() mutable {
      if (!outcome)
        promise.deliver(to_error(outcome.error()));
      else if constexpr (std::is_void_v<T>)
        promise.deliver(caf::unit);
      else
        promise.deliver(std::move(*outcome));
    });
    if (!faults_.silent) send_after(this, itself(), faults_.answer_delay, AnswerDue{number});
    return promise;
  }

  MemoryRegistry itself() { return caf::actor_cast<MemoryRegistry>(this); }

  MemoryRegistryOptions options_;
  detail::RecordStore store_;
  detail::AnswerBox answers_;
  SetFaults faults_;
  std::vector<Watch> watches_;
  std::set<caf::actor_addr> monitored_;       ///< watchers; each once, however often it watches
  TimePoint lapse_armed_ = TimePoint::max();  ///< when the next LapseDue comes
};

}  // namespace

MemoryRegistry spawn_memory_registry(System& system, MemoryRegistryOptions options) {
  return spawn_plumbing<MemoryRegistryActor>(system, "discovery.memory_registry", options);
}

MemoryRegistry memory_control(const Registry& registry) {
  return caf::actor_cast<MemoryRegistry>(registry);
}

}  // namespace brontes
