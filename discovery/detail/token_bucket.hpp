// How soon a repair may be made: a few at once, then one a second, with jitter.
#pragma once

#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/actors/clock.hpp>
#include <cstdint>

namespace brontes::detail {

class TokenBucket {
 public:
  TokenBucket(std::uint32_t burst, std::uint64_t seed)
      : burst_(burst), tokens_(burst), random_(seed) {}

  /// Zero while there are tokens; then up to five seconds.
  Duration delay(TimePoint now) {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min<double>(burst_, tokens_ + passed.count());
    filled_ = now;
    if (tokens_ < 1) return jitter(random_, std::chrono::seconds(5));
    tokens_ -= 1;
    return {};
  }

 private:
  double burst_;
  double tokens_;
  TimePoint filled_{};
  std::uint64_t random_;
};

}  // namespace brontes::detail
