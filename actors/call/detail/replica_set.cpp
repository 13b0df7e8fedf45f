#include <brontes/actors/call/detail/in_place.hpp>
#include <brontes/actors/call/detail/replica_set.hpp>

namespace brontes::detail {

ReplicaSet::ReplicaSet(System& system, HostOptions options, ServiceFactory factory)
    : system_(system),
      options_(std::move(options)),
      factory_(std::move(factory)),
      in_place_(options_.in_place && !system.deterministic()),
      seats_(options_.replicas) {}

void ReplicaSet::deliver(CallPtr call, Event event) {
  const bool starts = event.type == Event::Type::kStarted;
  const Expected<ReplicaActor> to =
      published_.read([&](const Seats& seats) -> Expected<ReplicaActor> {
        if (starts) return choose(seats, *call);
        return call->route < seats.size() ? seats[call->route].actor : ReplicaActor();
      });
  if (!to) return call->finish(to.error());
  if (!*to) return;  // its replica is gone, and has answered the call
  if (in_place_)
    InPlace(system_.caf()).deliver(*to, Envelope{std::move(call), std::move(event)});
  else
    tell(*to, Envelope{std::move(call), std::move(event)});
}

Expected<ReplicaActor> ReplicaSet::choose(const Seats& seats, Call& call) {
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed);
  bool alive = false;
  for (std::size_t i = 0; i < seats.size(); ++i) {
    const std::size_t at = (first + i) % seats.size();
    if (!seats[at].actor) continue;
    alive = true;
    if (seats[at].waiting->fetch_add(1, std::memory_order_relaxed) < options_.mailbox_bound) {
      call.route = at;
      return seats[at].actor;
    }
    seats[at].waiting->fetch_sub(1, std::memory_order_relaxed);
  }
  const std::string what = "call " + std::string(call.method().path) + ": ";
  if (alive) return fail(Errc::kResourceExhausted, what + "too many calls wait for its service");
  return fail(Errc::kUnavailable, what + (seats.empty() ? "its service has stopped"
                                                        : "its service is being restarted"));
}

ReplicaActor ReplicaSet::seat_replica(std::size_t seat) {
  auto waiting = std::make_shared<std::atomic<std::size_t>>(0);
  auto actor = system_.caf().spawn<Replica>(shared_from_this(), seat, waiting);
  change(seat, {actor, std::move(waiting)});
  return actor;
}

void ReplicaSet::vacate(std::size_t seat) { change(seat, {}); }

void ReplicaSet::close() {
  const std::lock_guard lock(mutex_);
  seats_.clear();
  published_.publish(std::make_shared<const Seats>());
}

void ReplicaSet::change(std::size_t seat, Seat now) {
  const std::lock_guard lock(mutex_);
  if (seat >= seats_.size()) return;  // closed
  seats_[seat] = std::move(now);
  published_.publish(std::make_shared<const Seats>(seats_));
}

}  // namespace brontes::detail
