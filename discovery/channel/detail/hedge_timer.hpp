// Looks at calls again when they have taken long, so that they may be hedged; and works out how
// long that is.
#pragma once

#include <atomic>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/detail/latency_window.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace brontes {

class UnaryCall;

struct LookForSlowCalls {};  ///< some call is due, or will be sooner than what was known
struct RollLatencies {};     ///< a second has passed, and calls were made

}  // namespace brontes

BRONTES_MESSAGE(brontes::LookForSlowCalls)
BRONTES_MESSAGE(brontes::RollLatencies)

namespace brontes {

/// One per channel that hedges. Idle while no call is under way.
using HedgeTimer = Interface<void(LookForSlowCalls), void(RollLatencies)>;

/// What calls and their timer share. Thread-safe.
class HedgeQueue {
 public:
  static constexpr std::size_t kMost = 4096;  ///< calls that are watched; beyond, none is hedged

  HedgeQueue(std::vector<std::shared_ptr<LatencyWindow>> windows, TimePoint now);

  /// Before the first call.
  void attach(HedgeTimer timer) { timer_ = std::move(timer); }
  /// Lets go of the timer and of what it waits for.
  void detach();

  /// UnaryCall::hedge() at that time, if it has not ended.
  void watch(std::weak_ptr<UnaryCall> call, TimePoint at);
  /// An attempt has ended, or was given up for another, after so long.
  void record(LatencyWindow& window, Duration took, TimePoint now);

  // The timer's part.
  std::vector<std::weak_ptr<UnaryCall>> take_due(TimePoint now);
  /// When to look next; TimePoint::max(): when told to.
  TimePoint next();
  void roll(TimePoint now);

 private:
  struct Watch {
    TimePoint at;
    std::weak_ptr<UnaryCall> call;
    bool operator<(const Watch& other) const { return at > other.at; }  // the soonest on top
  };

  const std::vector<std::shared_ptr<LatencyWindow>> windows_;
  std::atomic<std::int64_t> rolled_at_;
  std::mutex mutex_;  // guards what follows
  HedgeTimer timer_;
  std::vector<Watch> watches_;  // a heap
  TimePoint awake_at_ = TimePoint::max();
};

/// To be stopped by its owner.
HedgeTimer spawn_hedge_timer(System& system, std::shared_ptr<HedgeQueue> queue);

}  // namespace brontes
