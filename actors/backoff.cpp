#include <brontes/actors/backoff.hpp>

#include <algorithm>

namespace brontes {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {  // Steele, Lea, Flood 2014
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

Duration jitter(std::uint64_t& random, Duration max) {
  if (max <= Duration::zero()) return Duration::zero();
  return Duration(split_mix(random) % (static_cast<std::uint64_t>(max.count()) + 1));
}

Backoff::Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

Duration Backoff::next() {
  const std::uint32_t shift = std::min(attempts_++, 30u);
  const bool capped = options_.base > options_.max / (std::int64_t{1} << shift);
  return jitter(random_, capped ? options_.max : options_.base * (std::int64_t{1} << shift));
}

}  // namespace brontes
