// The only source of time. Nothing else in the project reads a clock or sleeps (tools/check.sh
// lint sees to it), so that everything above runs in a test under virtual time.
#pragma once

#include <chrono>

namespace brontes {

using Duration = std::chrono::nanoseconds;
/// Monotonic. TimePoint::max() means "never" wherever a deadline is asked for.
using TimePoint = std::chrono::steady_clock::time_point;
/// For records and logs only: people read it, nothing is computed from it.
using WallTime = std::chrono::system_clock::time_point;

/// Thread-safe. Actors are given the time of their actor system, which is the same one.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;
};

/// The machine's clocks. Lives for ever.
const Clock& system_clock();

/// `delay` from now; TimePoint::max() when the sum cannot be represented.
inline TimePoint after(const Clock& clock, Duration delay) {
  const TimePoint now = clock.now();
  return delay >= TimePoint::max() - now ? TimePoint::max() : now + delay;
}

}  // namespace brontes
