// How long to wait before the next attempt: full jitter, U(0, min(max, base * 2^attempt)).
#pragma once

#include <brontes/actors/clock.hpp>
#include <cstdint>

namespace brontes {

struct BackoffOptions {
  Duration base = std::chrono::milliseconds(100);
  Duration max = std::chrono::seconds(2);
};

/// Deterministic for a seed. Never gives up. Not thread-safe: belongs to one actor.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}, std::uint64_t seed = 1);

  /// The delay before the next attempt, in [0, min(max, base * 2^attempts)].
  Duration next();
  /// To be called after a while of success, not after the first one.
  void reset() { attempts_ = 0; }
  std::uint32_t attempts() const { return attempts_; }

 private:
  BackoffOptions options_;
  std::uint64_t random_;
  std::uint32_t attempts_ = 0;
};

/// A uniform delay in [0, max]; advances `random` (splitmix64).
Duration jitter(std::uint64_t& random, Duration max);

}  // namespace brontes
