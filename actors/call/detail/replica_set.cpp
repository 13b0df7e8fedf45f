#include <brontes/actors/call/detail/in_place.hpp>
#include <brontes/actors/call/detail/replica_set.hpp>
#include <brontes/actors/log.hpp>

namespace brontes::detail {

void ReplicaSet::deliver(CallPtr call, Event event) {
  const bool starts = event.type == Event::Type::kStarted;
  const Expected<ReplicaActor> to = seats_.read([&](const Seats& seats) -> Expected<ReplicaActor> {
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

Seat ReplicaSet::seat_new_replica() {
  Seat seat;
  seat.waiting = std::make_shared<std::atomic<std::size_t>>(0);
  seat.actor = system_.caf().spawn<Replica>(factory_, seat.waiting, attendance_->enter());
  return seat;
}

ReplicaSupervisor::ReplicaSupervisor(caf::actor_config& config,
                                     std::shared_ptr<ReplicaSet> replicas, Seats seats)
    : ReplicaSupervisorActor::base(config),
      replicas_(std::move(replicas)),
      seats_(std::move(seats)),
      ticket_(replicas_->attendance().enter()) {}

ReplicaSupervisor::behavior_type ReplicaSupervisor::make_behavior() {
  for (std::size_t i = 0; i < seats_.size(); ++i)
    history_.push_back({Backoff(replicas_->options().restart, i + 1), brontes::now(this)});
  on_down(this, [this](const caf::actor_addr& who, const caf::error&) { lost(who); });
  for (const Seat& seat : seats_) brontes::monitor(this, seat.actor);
  return {[this](RestartSeat message) { restart(message.seat); }};
}

void ReplicaSupervisor::lost(const caf::actor_addr& who) {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (!seats_[i].actor || seats_[i].actor.address() != who) continue;
    seats_[i].actor = nullptr;
    replicas_->publish(seats_);
    if (brontes::now(this) - history_[i].started > replicas_->options().restart.max)
      history_[i].backoff.reset();
    send_after(this, ReplicaSupervisorActor(this), history_[i].backoff.next(), RestartSeat{i});
  }
}

void ReplicaSupervisor::restart(std::size_t seat) {
  seats_[seat] = replicas_->seat_new_replica();
  history_[seat].started = brontes::now(this);
  brontes::monitor(this, seats_[seat].actor);
  replicas_->publish(seats_);
}

void ReplicaSupervisor::on_exit() {
  replicas_->publish({});
  for (const Seat& seat : seats_)
    if (seat.actor) stop(seat.actor);
  seats_.clear();
  replicas_.reset();
  ticket_.reset();
}

}  // namespace brontes::detail
