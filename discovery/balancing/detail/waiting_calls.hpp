// The calls that wait for an endpoint or for the delay before their retry. Bounded.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/detail/waiter.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace brontes {

/// Confined to one actor.
class WaitingCalls {
 public:
  explicit WaitingCalls(std::size_t most) : most_(most) {}

  struct Wait {
    std::shared_ptr<Waiter> waiter;
    TimePoint not_before{};                 ///< a retry is not made earlier
    TimePoint deadline = TimePoint::max();  ///< the call gives up
  };

  /// False: there are too many.
  bool add(Wait wait);
  /// Takes out the calls that may go on; none if no endpoint is READY.
  std::vector<Wait> take_due(TimePoint now, bool ready);
  std::vector<Wait> take_expired(TimePoint now);
  std::vector<Wait> take_all() { return std::exchange(waits_, {}); }
  /// When to look again; TimePoint::max() if only a READY endpoint can change anything.
  TimePoint next(TimePoint now, bool ready) const;
  std::size_t size() const { return waits_.size(); }

 private:
  std::vector<Wait> take(const std::function<bool(const Wait&)>& which);
  std::size_t most_;
  std::vector<Wait> waits_;  // in order of arrival
};

}  // namespace brontes
