// A record on its way into Consul, and out of it. Into the agent first, then until Consul's servers
// show it: what is said to stand can be seen by everybody.
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <utility>

namespace brontes::consul {
namespace {

Status lease_gone() { return {Errc::kNotFound, "this lease is not held; grant a new one"}; }

std::string service_path(const char* what, const Instance& instance) {
  return std::string("/v1/agent/service/") + what + instance.instance_id;
}

}  // namespace

struct ConsulRegistryActor::Putting {
  caf::response_promise promise;
  LeaseId lease;
  Instance instance;  ///< canonical
  std::string key;
  bool registered = false;  ///< in the course of this put
};

caf::result<RecordPut> ConsulRegistryActor::put(const PutRecord& wish) {
  if (Status status = validate(wish.instance); !status.ok()) return to_error(status);
  if (!leases_.contains(wish.lease)) return to_error(lease_gone());
  auto put = std::make_shared<Putting>();
  put->promise = make_response_promise<caf::response_promise>();
  put->lease = wish.lease;
  put->instance = canonical(wish.instance);
  put->key = record_key(put->instance);
  client_.ask({.target = service_path("", put->instance)},
              [this, put](const Answer& answer) { looked(put, answer); });
  return put->promise;
}

void ConsulRegistryActor::looked(const PuttingPtr& put, const Answer& answer) {
  if (answer.status.code() == Errc::kNotFound) return register_service(put);
  if (!answer.status.ok()) return put->promise.deliver(to_error(answer.status));
  auto there = read_agent_service(answer.body);
  if (there && incarnation(*there) > incarnation(put->instance))
    return put->promise.deliver(
        to_error({Errc::kAlreadyExists, "service " + put->instance.instance_id +
                                            " at Consul's agent is held by a newer process"}));
  const auto lease = leases_.find(put->lease);
  const bool ours = lease != leases_.end() && lease->second.records.contains(put->key);
  if (there) there->healthy = put->instance.healthy;
  if (ours && there && *there == put->instance) return beat_first(put);
  register_service(put);
}

void ConsulRegistryActor::register_service(const PuttingPtr& put) {
  const auto lease = leases_.find(put->lease);
  if (lease == leases_.end()) return put->promise.deliver(to_error(lease_gone()));
  put->registered = true;
  client_.ask({.method = "PUT",
               .target = "/v1/agent/service/register",
               .body = registration(put->instance, options_.prefix, lease->second.ttl)},
              [this, put](const Answer& answer) { registered(put, answer.status); });
}

void ConsulRegistryActor::registered(const PuttingPtr& put, const Status& status) {
  if (!status.ok()) return put->promise.deliver(to_error(status));
  beat_first(put);
}

/// At once, so that the ttl begins anew and a check that was critical is no more.
void ConsulRegistryActor::beat_first(const PuttingPtr& put) {
  const auto lease = leases_.find(put->lease);
  if (lease == leases_.end()) {
    deregister(put->instance, [](const Status&) {});
    return put->promise.deliver(to_error(lease_gone()));
  }
  for (auto& [id, other] : leases_)  // an id is one service at the agent, under whatever name
    std::erase_if(other.records, [&](const auto& entry) {
      return entry.second.instance_id == put->instance.instance_id;
    });
  lease->second.records[put->key] = put->instance;
  const auto then = [this, put](const Status& status) { beaten_first(put, status); };
  if (put->instance.healthy || shown_at(put->key)) return beat(put->instance, then);
  // New, or critical already: the agent tells the servers of a change of the status at once, but of
  // the output alone minutes later.
  Instance serving = put->instance;
  serving.healthy = true;
  beat(serving, [this, put, then](const Status& status) {
    status.ok() ? beat(put->instance, then) : then(status);
  });
}

void ConsulRegistryActor::beaten_first(const PuttingPtr& put, const Status& status) {
  // The service is there, but its check is not.
  if (status.code() == Errc::kNotFound && !put->registered) return register_service(put);
  if (!status.ok()) {
    // For whoever holds the lease this is no loss of it.
    const Errc code = status.code() == Errc::kNotFound ? Errc::kUnavailable : status.code();
    return put->promise.deliver(to_error({code, status.message()}));
  }
  const auto holds = [this, put] {
    const InstancePtr there = shown_at(put->key);
    return there && *there == put->instance;
  };
  await(put->instance.name, holds, [this, put](const Status& seen) { shown(put, seen); });
}

void ConsulRegistryActor::shown(const PuttingPtr& put, const Status& status) {
  if (!status.ok()) return put->promise.deliver(to_error(status));
  put->promise.deliver(RecordPut{put->key, store_.revision()});
}

caf::result<void> ConsulRegistryActor::remove(const RemoveRecord& wish) {
  const auto lease = leases_.find(wish.lease);
  if (lease == leases_.end() || !lease->second.records.contains(wish.key)) return caf::unit;
  auto promise = make_response_promise<caf::response_promise>();
  take_out(lease->second.records[wish.key], [promise](const Status& status) mutable {
    status.ok() ? promise.deliver(caf::unit) : promise.deliver(to_error(status));
  });
  return promise;
}

caf::result<void> ConsulRegistryActor::revoke(const RevokeLease& wish) {
  const auto lease = leases_.find(wish.lease);
  if (lease == leases_.end()) return caf::unit;
  if (lease->second.records.empty()) {
    leases_.erase(lease);
    return caf::unit;
  }
  auto promise = make_response_promise<caf::response_promise>();
  auto pending = std::make_shared<std::size_t>(lease->second.records.size());
  auto failure = std::make_shared<Status>();
  const auto records = lease->second.records;
  for (const auto& [key, instance] : records)
    take_out(instance,
             [this, promise, pending, failure, id = wish.lease](const Status& status) mutable {
               if (!status.ok()) *failure = status;
               if (--*pending > 0) return;
               if (!failure->ok()) return promise.deliver(to_error(*failure));
               leases_.erase(id);
               promise.deliver(caf::unit);
             });
  return promise;
}

void ConsulRegistryActor::take_out(const Instance& instance, Done done) {
  client_.ask({.target = service_path("", instance)},
              [this, instance, done = std::move(done)](const Answer& answer) {
                const bool known = answer.status.ok();
                if (!known && answer.status.code() != Errc::kNotFound) return done(answer.status);
                const auto there = read_agent_service(answer.body);
                const bool ours = known && there && record_key(*there) == record_key(instance) &&
                                  incarnation(*there) <= incarnation(instance);
                if (ours) return deregister(instance, done);
                for (auto& [id, lease] : leases_) lease.records.erase(record_key(instance));
                done({});
              });
}

/// The check goes with its service. Taken out before it, as hephfx does, it would leave a service
/// that passes.
void ConsulRegistryActor::deregister(const Instance& instance, Done done) {
  client_.ask({.method = "PUT", .target = service_path("deregister/", instance)},
              [this, instance, done = std::move(done)](const Answer& answer) {
                if (!answer.status.ok() && answer.status.code() != Errc::kNotFound)
                  return done(answer.status);
                const std::string key = record_key(instance);
                for (auto& [id, lease] : leases_) lease.records.erase(key);
                const auto holds = [this, key, born = incarnation(instance)] {
                  const InstancePtr there = shown_at(key);
                  return !there || incarnation(*there) > born;
                };
                await(instance.name, holds, done);
              });
}

InstancePtr ConsulRegistryActor::shown_at(const std::string& key) const { return store_.find(key); }

}  // namespace brontes::consul
