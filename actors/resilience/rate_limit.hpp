// So many calls a second, with some in reserve; those beyond are refused, or wait for their turn.
//
//   auto limit = RateLimit::make(system, "shop", {.per_second = 50, .burst = 10});
//   auto patient = RateLimit::make(system, "shop", {.per_second = 50, .burst = 1, .max_wait =
//   200ms});
#pragma once

#include <brontes/actors/resilience/guard.hpp>
#include <brontes/actors/system.hpp>
#include <memory>
#include <string>

namespace brontes {

struct RateLimitOptions {
  double per_second = 100;               ///< tokens; 0.001 to 10,000,000
  std::uint32_t burst = 1;               ///< tokens in reserve; it starts full
  Duration max_wait = Duration::zero();  ///< zero: refuses at once
  std::uint32_t max_waiting = 1024;      ///< calls that wait; one more is refused

  /// kInvalidArgument with the name of the first field that cannot be.
  Status check() const;
};

/// A guard: a token bucket, one token a call. Exact: in any time t it lets in at most
/// burst + t * per_second calls. Who waits is let in in order, newcomers behind. Thread-safe. The
/// system must outlive it.
///
/// Refuses with kResourceExhausted, whose details carry a google.rpc.RetryInfo: when the token of
/// this call would be there. A call that would get its token only after `max_wait`, or after its
/// deadline, is refused at once and takes none.
class RateLimit final : public Guard {
 public:
  static Expected<std::shared_ptr<RateLimit>> make(System& system, std::string name,
                                                   RateLimitOptions options);
  ~RateLimit() override;
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  const std::string& name() const override;
  Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) override;
  void wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) override;
  void leave(const Permit&, Ending) noexcept override {}
  GuardNumbers numbers() const override;

 private:
  struct State;
  explicit RateLimit(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace brontes
