// What a scripted server does with the calls that reach it.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <chrono>
#include <optional>

namespace brontes {

/// How long an answer takes, the way there and back included: drawn evenly between four points of
/// the distribution, in ascending order.
struct Latency {
  Duration least = std::chrono::milliseconds(10);
  Duration median = least;
  Duration p99 = median;
  Duration most = p99;

  static Latency exactly(Duration time) { return {time, time, time, time}; }
  /// Evenly.
  static Latency between(Duration least, Duration most) {
    const Duration span = most - least;
    return {least, least + span / 2, least + span / 100 * 99, most};
  }
  friend bool operator==(const Latency&, const Latency&) = default;
};

/// A value.
struct PeerBehaviour {
  Latency latency = {};
  double errors = 0;               ///< the share of its answers that are errors, 0 to 1
  Errc code = Errc::kUnavailable;  ///< of these
  double hangs = 0;                ///< the share of calls that it never answers
  std::size_t workers = 0;         ///< calls that it works on at a time; 0: any number
  std::size_t queue = 1000;        ///< calls that wait for a worker; RESOURCE_EXHAUSTED beyond
  std::optional<Duration> pushback = {};  ///< errors say so: try again after it, negative: never
  std::optional<double> cpu = {};         ///< answers report that share of its CPU as used
};

}  // namespace brontes
