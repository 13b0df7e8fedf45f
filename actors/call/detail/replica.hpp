// The CAF actor that runs a ServiceActor.
#pragma once

#include <atomic>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/detail/attendance.hpp>
#include <brontes/actors/call/detail/live_calls.hpp>
#include <functional>
#include <memory>
#include <string>

namespace brontes::detail {

/// One event of one call. All events of a call go to the same replica, in order.
struct Envelope {
  CallPtr call;
  Event event;
};

/// Runs in the replica's turn.
struct Job {
  std::function<void()> run;
};

using ReplicaActor = Interface<void(Envelope), void(Job)>;

/// Calls posted to a replica whose start it has not yet seen.
using Waiting = std::shared_ptr<std::atomic<std::size_t>>;

class ReplicaSet;

class Replica final : public ReplicaActor::base {
 public:
  Replica(caf::actor_config& config, std::shared_ptr<ReplicaSet> replicas, std::size_t seat,
          Waiting waiting);

  Executor executor();
  void post_after(Duration delay, std::function<void()> job);

  const char* name() const override { return "call.replica"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Runs a step of the service; what it throws ends the actor. False then.
  template <class F>
  bool guarded(F step);
  void receive(CallPtr call, Event event);
  void begin(const CallPtr& call, Event event);

  std::shared_ptr<ReplicaSet> replicas_;
  const std::size_t seat_;
  const Waiting waiting_;
  std::unique_ptr<ServiceActor> service_;
  std::shared_ptr<LiveCalls> live_ = std::make_shared<LiveCalls>();
  bool crashed_ = false;
  std::string cause_;  ///< of the crash
  Attendance::Ticket ticket_;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::Envelope)
BRONTES_MESSAGE(brontes::detail::Job)
