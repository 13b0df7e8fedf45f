#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <utility>

namespace brontes::consul {
namespace {

constexpr std::size_t kLeases = 10'000;
constexpr Duration kBeatPatience = std::chrono::seconds(2);

}  // namespace

ConsulRegistryActor::behavior_type ConsulRegistryActor::make_behavior() {
  client_.begin({[self = itself()](const Answer& answer) { tell(self, answer); },
                 [this](Duration delay, std::uint64_t exchange) {
                   send_after(this, itself(), delay, Overdue{exchange});
                 }});
  on_down(this, [this](const caf::actor_addr& who, const caf::error&) { forget(who); });
  return {
      [this](const GrantLease& wish) { return grant(wish); },
      [this](const PutRecord& wish) { return put(wish); },
      [this](const RenewLease& wish) { return renew(wish); },
      [this](const RevokeLease& wish) { return revoke(wish); },
      [this](const RemoveRecord& wish) { return remove(wish); },
      [this](const ListRecords& wish) { return list(wish); },
      [this](const WatchRecords& wish) { return start_watch(wish); },
      [this](const StopWatch& wish) { stop_watch(wish); },
      [this](const Answer& answer) { client_.heard(answer); },
      [this](Overdue due) { client_.overdue(due.exchange); },
      [this](LapseDue due) { lapse(due); },
      [this](const PumpDue& due) {
        mirror(due.name).pump_armed = false;
        pump(due.name);
      },
      [this](const WaitOver& over) { wait_over(over); },
      [this](ForgetHistory) { store_.compact(store_.revision()); },
  };
}

void ConsulRegistryActor::on_exit() {
  watches_.clear();
  mirrors_.clear();
  client_.end();
}

caf::result<LeaseGranted> ConsulRegistryActor::grant(const GrantLease& wish) {
  if (wish.ttl < std::chrono::seconds(1))
    return to_error({Errc::kInvalidArgument, "grant a lease: the ttl is below one second"});
  if (leases_.size() >= kLeases)
    return to_error({Errc::kResourceExhausted, "grant a lease: too many of them"});
  const LeaseId id{1 + jitter(random_, std::chrono::hours(24 * 365 * 200)).count()};
  Lease& lease = leases_[id];
  lease.ttl = wish.ttl;
  arm_lapse(id, lease);
  return LeaseGranted{id, wish.ttl};
}

void ConsulRegistryActor::arm_lapse(LeaseId id, Lease& lease) {
  send_after(this, itself(), lease.ttl, LapseDue{id, ++lease.turn});
}

/// Nobody asked for it for its whole ttl. The agent has noticed, too: the checks are critical.
void ConsulRegistryActor::lapse(LapseDue due) {
  const auto found = leases_.find(due.lease);
  if (found != leases_.end() && found->second.turn == due.turn) leases_.erase(found);
}

/// The beats of one renewal: one for each record.
struct ConsulRegistryActor::Beats {
  caf::response_promise promise;
  LeaseId lease;
  std::size_t pending = 0, all = 0, unknown = 0;  ///< unknown to the agent
  Status failure;
};

caf::result<LeaseRenewed> ConsulRegistryActor::renew(const RenewLease& wish) {
  const auto found = leases_.find(wish.lease);
  if (found == leases_.end())
    return to_error({Errc::kNotFound, "this lease is not held; grant a new one"});
  // Being asked is what keeps it: an agent that does not answer may still know the checks.
  arm_lapse(wish.lease, found->second);
  if (found->second.records.empty()) return LeaseRenewed{wish.lease, found->second.ttl};
  auto beats = std::make_shared<Beats>();
  beats->promise = make_response_promise<caf::response_promise>();
  beats->lease = wish.lease;
  beats->all = beats->pending = found->second.records.size();
  const auto records = found->second.records;
  for (const auto& [key, instance] : records)
    beat(instance, [this, beats](const Status& status) { beaten(beats, status); });
  return beats->promise;
}

void ConsulRegistryActor::beaten(const std::shared_ptr<Beats>& beats, const Status& status) {
  if (status.code() == Errc::kNotFound)
    ++beats->unknown;
  else if (!status.ok())
    beats->failure = status;
  if (--beats->pending > 0) return;
  const auto found = leases_.find(beats->lease);
  // One of several was taken out by somebody: its owner hears so from its watch. All of them: the
  // agent lost its state.
  if (found == leases_.end() || beats->unknown == beats->all) {
    if (found != leases_.end()) leases_.erase(found);
    return beats->promise.deliver(
        to_error({Errc::kNotFound, "Consul's agent knows nothing of what is under this lease"}));
  }
  if (!beats->failure.ok()) return beats->promise.deliver(to_error(beats->failure));
  beats->promise.deliver(LeaseRenewed{beats->lease, found->second.ttl});
}

void ConsulRegistryActor::beat(const Instance& instance, Done done) {
  // The output never changes with time: each change of it is a write to all of Consul's servers.
  const std::string target =
      instance.healthy
          ? "/v1/agent/check/pass/" + check_id(instance.instance_id)
          : "/v1/agent/check/fail/" + check_id(instance.instance_id) + "?note=" + kDraining;
  client_.ask({.method = "PUT", .target = target, .patience = kBeatPatience},
              [done = std::move(done)](const Answer& answer) { done(answer.status); });
}

Registry spawn_registry(System& system, ConsulOptions options, std::shared_ptr<Wire> wire) {
  return spawn_plumbing<ConsulRegistryActor>(system, kRegistryName, std::move(options),
                                             std::move(wire));
}

}  // namespace brontes::consul
