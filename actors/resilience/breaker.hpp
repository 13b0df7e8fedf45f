// Stops calling what fails, and tries again after a while.
//
//   auto breaker = Breaker::make(system, "prices", BreakerOptions::gobreaker());
//   if (!breaker) return report(breaker.error());
//   Expected<Price> price = chain(*breaker).run(ask_the_shop);
//
// How it decides without a lock or a mailbox: docs/adr/0070-resilience.md.
#pragma once

#include <brontes/actors/resilience/breaker_options.hpp>
#include <brontes/actors/resilience/guard.hpp>
#include <brontes/actors/system.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace brontes {

enum class BreakerState {
  kClosed,      ///< calls pass and are counted
  kHalfOpen,    ///< probes pass
  kOpen,        ///< nothing passes
  kThrottling,  ///< Rule::kThrottle only: a part passes
};

/// "closed", "half_open", "open", "throttling".
std::string_view to_string(BreakerState state);

struct BreakerView {
  BreakerState state = BreakerState::kClosed;
  std::uint64_t generation = 0;  ///< grows with every change; answers of older ones do not count
  TimePoint since{};
  TimePoint until = TimePoint::max();  ///< when it goes on by itself; max: it waits for calls
  bool forced = false;
  std::string why = {};  ///< "6 failures in a row, the last one UNAVAILABLE"
};

struct BreakerTransition {
  std::string breaker;
  BreakerState from = BreakerState::kClosed;
  BreakerView now = {};
};

/// A guard. Thread-safe. The system must outlive it.
///
/// Whoever ends a call counts it. The state changes with the call that makes it change: the next
/// call of the same thread sees it. What time changes (open to half open) its actor changes, on the
/// clock of the system. Late answers: a call that was let in before the last change does
/// not count. Codes of the caller are neutral (BreakerOptions::failures), and so is what a layer
/// further in refuses; a half-open breaker lets in another probe for a neutral one.
///
/// Refuses with kUnavailable; the text says since when, why, and when it goes on.
class Breaker final : public Guard {
 public:
  /// kInvalidArgument: the name is empty, or an option cannot be; the text names it.
  static Expected<std::shared_ptr<Breaker>> make(
      System& system, std::string name, BreakerOptions options = BreakerOptions::gobreaker());
  ~Breaker() override;
  Breaker(const Breaker&) = delete;
  Breaker& operator=(const Breaker&) = delete;

  const std::string& name() const override;
  Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) override;
  void leave(const Permit& permit, Ending ending) noexcept override;
  GuardNumbers numbers() const override;

  BreakerView state() const;

  /// Whatever calls do, for so long or until release(). A later one replaces an earlier one. Takes
  /// effect when its actor has had its turn, soon. Released it is closed, with nothing counted.
  void force_open(Duration time = Duration::max());
  void force_closed(Duration time = Duration::max());
  void release();

  /// Each transition in order, from the turn of its actor; must not block. Ends when the result is
  /// let go of, but may be running then. Actors: `[self](auto& change) { tell(self, change); }`.
  [[nodiscard]] std::shared_ptr<void> on_transition(
      std::function<void(const BreakerTransition&)> listener);

 private:
  struct State;
  explicit Breaker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace brontes
