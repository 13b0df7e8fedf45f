#include <brontes/discovery/channel/retry_policy.hpp>

namespace brontes {

Duration RetryPolicy::delay(int attempts_made, std::uint64_t& random) const {
  const int doublings = std::clamp(attempts_made - 1, 0, 20);
  const bool capped = base > this->max / (std::int64_t{1} << doublings);
  const Duration full = capped ? this->max : base * (std::int64_t{1} << doublings);
  return full * 4 / 5 + jitter(random, full * 2 / 5);
}

}  // namespace brontes
