// The replicas of one service: the rows post to them, a supervisor keeps them alive.
#pragma once

#include <atomic>
#include <brontes/actors/call/detail/attendance.hpp>
#include <brontes/actors/call/detail/replica.hpp>
#include <brontes/actors/published.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes::detail {

struct Seat {
  ReplicaActor actor;  ///< null while it is being restarted
  Waiting waiting;
};
/// Empty when the host has stopped.
using Seats = std::vector<Seat>;

/// Thread-safe.
class ReplicaSet {
 public:
  ReplicaSet(System& system, HostOptions options, ServiceFactory factory)
      : system_(system),
        options_(options),
        factory_(std::move(factory)),
        in_place_(options.in_place && !system.deterministic()) {}

  /// Hands an event to the call's replica; refuses calls that none can take.
  void deliver(CallPtr call, Event event);

  Seat seat_new_replica();
  void publish(const Seats& seats) { seats_.publish(std::make_shared<const Seats>(seats)); }

  const HostOptions& options() const { return options_; }
  Attendance& attendance() { return *attendance_; }

 private:
  /// Picks the replica for a new call, or the reason why there is none.
  Expected<ReplicaActor> choose(const Seats& seats, Call& call);

  System& system_;
  const HostOptions options_;
  const ServiceFactory factory_;
  const bool in_place_;
  Published<Seats> seats_;
  std::atomic<std::size_t> next_{0};
  std::shared_ptr<Attendance> attendance_ = std::make_shared<Attendance>();
};

/// A new one may be made in that seat.
struct RestartSeat {
  std::size_t seat;
};
using ReplicaSupervisorActor = Interface<void(RestartSeat)>;

/// Makes crashed replicas anew, after a pause that grows while they keep crashing.
class ReplicaSupervisor final : public ReplicaSupervisorActor::base {
 public:
  ReplicaSupervisor(caf::actor_config& config, std::shared_ptr<ReplicaSet> replicas, Seats seats);

  const char* name() const override { return "call.replica_supervisor"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void lost(const caf::actor_addr& who);
  void restart(std::size_t seat);

  struct History {
    Backoff backoff;
    TimePoint started;
  };

  std::shared_ptr<ReplicaSet> replicas_;
  Seats seats_;
  std::vector<History> history_;
  Attendance::Ticket ticket_;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::RestartSeat)
