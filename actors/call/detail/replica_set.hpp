// The replicas of one service: the rows post to them, a supervisor makes them anew.
#pragma once

#include <atomic>
#include <brontes/actors/call/detail/attendance.hpp>
#include <brontes/actors/call/detail/replica.hpp>
#include <brontes/actors/published.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace brontes::detail {

struct Seat {
  ReplicaActor actor;  ///< null between two incarnations
  Waiting waiting;
};
/// Empty when the host has stopped.
using Seats = std::vector<Seat>;

/// Thread-safe.
class ReplicaSet : public std::enable_shared_from_this<ReplicaSet> {
 public:
  ReplicaSet(System& system, HostOptions options, ServiceFactory factory);

  /// Hands an event to the call's replica; refuses calls that none can take.
  void deliver(CallPtr call, Event event);

  /// A new incarnation for that seat.
  ReplicaActor seat_replica(std::size_t seat);
  /// By a replica that ends.
  void vacate(std::size_t seat);
  /// No replica takes calls from here on.
  void close();

  /// Calls that were posted and are not begun.
  std::size_t waiting() const {
    return published_.read([](const Seats& seats) {
      std::size_t sum = 0;
      for (const Seat& seat : seats)
        if (seat.waiting) sum += seat.waiting->load(std::memory_order_relaxed);
      return sum;
    });
  }

  const ServiceFactory& factory() const { return factory_; }
  void tell_started(const Status& status) const {
    if (options_.on_started) options_.on_started(status);
  }
  Attendance& attendance() { return *attendance_; }

 private:
  /// Picks the replica for a new call, or the reason why there is none.
  Expected<ReplicaActor> choose(const Seats& seats, Call& call);
  void change(std::size_t seat, Seat now);

  System& system_;
  const HostOptions options_;
  const ServiceFactory factory_;
  const bool in_place_;
  Published<Seats> published_;
  std::atomic<std::size_t> next_{0};
  std::shared_ptr<Attendance> attendance_ = std::make_shared<Attendance>();
  std::mutex mutex_;  // guards what follows
  Seats seats_;
};

}  // namespace brontes::detail
