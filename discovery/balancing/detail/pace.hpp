// So many a second, with a few at once: connection attempts.
#pragma once

#include <algorithm>
#include <brontes/actors/clock.hpp>
#include <cstddef>

namespace brontes {

/// Confined to one actor.
class Pace {
 public:
  /// `burst` at once when there was a pause. `per_second` 0: no limit.
  Pace(double per_second, std::size_t burst)
      : step_(per_second > 0 ? Duration(static_cast<Duration::rep>(1e9 / per_second)) : Duration()),
        reserve_(step_ * static_cast<Duration::rep>(burst)) {}

  bool take(TimePoint now) {
    if (next(now) > now) return false;
    spoken_ = std::max(spoken_, now) + step_;
    return true;
  }
  /// When the next one may be taken; `now` at the earliest.
  TimePoint next(TimePoint now) const { return std::max(now, spoken_ + step_ - reserve_); }

 private:
  Duration step_, reserve_;
  TimePoint spoken_{};  // until then everything is taken
};

}  // namespace brontes
