// What is known of one service, and how it is asked for: one question that waits at the agent for
// the next change, as long as somebody wants to know.
#pragma once

#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/actors/status.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace brontes::consul {

/// Ten questions at once, then two a second: what changes more often is seen up to half a second
/// late. A question about a service that is missing wakes with every change of any other.
class Pace {
 public:
  /// When the next one may be asked.
  TimePoint next(TimePoint now) const { return std::max(now, due_ - kStep * (kBurst - 1)); }
  void took(TimePoint now) { due_ = std::max(due_, now) + kStep; }

 private:
  static constexpr Duration kStep = std::chrono::milliseconds(500);
  static constexpr int kBurst = 10;
  TimePoint due_{};
};

/// Confined to its actor.
struct Mirror {
  explicit Mirror(std::uint64_t seed)
      : rest({std::chrono::milliseconds(100), std::chrono::seconds(5)}, seed),
        denied_rest({std::chrono::seconds(1), std::chrono::seconds(30)}, seed) {}

  using Done = std::function<void(const Status&)>;
  /// Somebody who waits until Consul shows what it was told.
  struct Waiter {
    std::uint64_t number = 0;
    std::function<bool()> holds;
    Done done;
  };

  std::uint64_t index = 0;  ///< of Consul, of the newest answer; 0: there was none
  std::uint64_t epoch = 1;  ///< when that was
  std::size_t agent = 0;    ///< who gave it
  bool trusted = false;     ///< nothing went wrong since the newest answer
  bool asking = false;      ///< a question waits at the agent, wanted or not: it is never given up
  bool pump_armed = false;
  TimePoint rests_until{};
  Status failure;
  Backoff rest, denied_rest;
  Pace pace;
  std::vector<Waiter> waiters;
};

}  // namespace brontes::consul
