// The state machine of a breaker, without its actor.
#pragma once

#include <array>
#include <brontes/actors/metrics.hpp>
#include <brontes/actors/published.hpp>
#include <brontes/actors/resilience/detail/generation.hpp>
#include <functional>
#include <string>

namespace brontes::detail {

/// Thread-safe. A generation ends once, whoever ends it publishes the next one. Listeners hear of
/// the changes in order: `on_change` is called before the next generation can be seen.
class BreakerCore {
 public:
  BreakerCore(const Clock& clock, std::string name, BreakerOptions options);

  /// Before anybody calls. Both are called on the threads of callers: they only tell.
  void report_to(std::function<void(const BreakerTransition&)> on_change,
                 std::function<void()> on_throttle);

  Entry enter(Permit& permit, Status& why);
  void leave(const Permit& permit, Ending ending) noexcept;

  BreakerView view() const;
  GuardNumbers numbers() const;
  const std::string& name() const { return name_; }

  /// What time and people change; for its actor. False if that generation is over.
  bool end(std::uint64_t generation, BreakerState to, const std::string& why);
  void force(BreakerState to, Duration time);
  void release();
  /// Of the row that is being counted; no new generation.
  void forget_failures();
  /// The actor looks at whether it throttles: from now on it is told again.
  void throttle_heard() { throttle_told_.store(false); }
  /// Counts a change between closed and throttling, which is no new generation.
  void count_turn(BreakerState to) { turned_[static_cast<std::size_t>(to)].add(); }

 private:
  struct Next {
    BreakerState state;
    std::string why;
    Duration lasts = Duration::max();
    bool forced = false;
  };
  Entry take_lease(const Generation& now, Permit& permit, Status& why);
  Entry throttle(const Generation& now, Permit& permit, Status& why);
  void count(const Generation& now, Errc code, bool failed);
  void settle(const Generation& now, const Permit& permit, Errc code, bool failed, bool neutral);
  bool succeed(const Generation& now, Next next);
  std::shared_ptr<const Generation> make(std::uint64_t number, Next next) const;
  Status refusal(const BreakerView& view) const;
  bool is_failure(Errc code) const { return (failures_ >> static_cast<unsigned>(code) & 1) != 0; }

  const Clock& clock_;
  const std::string name_;
  const BreakerOptions options_;
  const std::uint64_t seed_;
  std::uint32_t failures_ = 0;  ///< a bit for each code
  std::function<void(const BreakerTransition&)> on_change_;
  std::function<void()> on_throttle_;
  std::atomic<bool> throttle_told_{false};  ///< and not heard yet
  std::array<Counter, 4> turned_;
  Counter refused_open_, refused_forced_, refused_probing_, refused_throttled_, late_;
  Published<Generation> current_;  ///< last: made of all the others
};

}  // namespace brontes::detail
