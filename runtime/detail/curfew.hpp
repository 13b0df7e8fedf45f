// Cancels calls whose time was limited by the server; the doors see to the callers' deadlines.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/call.hpp>
#include <brontes/actors/system.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace brontes::detail {

/// To the timer: there is a call that ends before all others.
struct SetCurfew {
  TimePoint at;
};
struct CurfewTick {
  TimePoint at;
};

/// Calls from on_headers to on_done, which keeps the pointers valid. Thread-safe.
class LimitedCalls {
 public:
  /// True: the timer must be told.
  bool add(Call& call, TimePoint at);
  void remove(const Call& call);
  /// Takes out what has expired, when the timer is set for `tick`; `next`: when to come again.
  std::vector<CallPtr> take_due(TimePoint tick, TimePoint now, TimePoint& next);

 private:
  using ByTime = std::multimap<TimePoint, Call*>;
  std::mutex mutex_;  // guards what follows
  ByTime by_time_;
  std::unordered_map<const Call*, ByTime::iterator> places_;
  TimePoint timer_ = TimePoint::max();  ///< what it is set for
};

using CurfewTimer = Interface<void(SetCurfew), void(CurfewTick)>;
CurfewTimer spawn_curfew_timer(System& system, std::shared_ptr<LimitedCalls> calls);

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::SetCurfew)
BRONTES_MESSAGE(brontes::detail::CurfewTick)
