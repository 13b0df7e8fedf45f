// Chance from a seed, in whole numbers: the same on every machine and in every build.
#pragma once

#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/testkit/peer_behaviour.hpp>
#include <cstdint>
#include <string_view>

namespace brontes::detail {

/// Each part of a world has its own, by its name: what one draws changes nothing for the others.
class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view of_whom) : state_(mix(seed) ^ key_hash(of_whom)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15); }
  /// True in that share of the draws.
  bool chance(double share) { return static_cast<double>(next() >> 11) * 0x1p-53 < share; }
  /// In [low, high].
  Duration between(Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + Duration(static_cast<std::int64_t>(next() % span));
  }
  Duration draw(const Latency& latency) {
    const auto part = static_cast<std::int64_t>(next() % 1'000'000);
    const auto line = [part](Duration from, Duration to, std::int64_t begin, std::int64_t end) {
      return from + (to - from) / (end - begin) * (part - begin) +
             (to - from) % (end - begin) * (part - begin) / (end - begin);
    };
    if (part < 500'000) return line(latency.least, latency.median, 0, 500'000);
    if (part < 990'000) return line(latency.median, latency.p99, 500'000, 990'000);
    return line(latency.p99, latency.most, 990'000, 1'000'000);
  }

 private:
  std::uint64_t state_;
};

}  // namespace brontes::detail
