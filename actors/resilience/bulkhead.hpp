// So many calls at a time; some more may wait for a place, the others are refused.
//
//   auto room = Bulkhead::make(system, "shop", {.max_concurrent = 20, .max_waiting = 50});
#pragma once

#include <brontes/actors/resilience/guard.hpp>
#include <brontes/actors/system.hpp>
#include <memory>
#include <string>

namespace brontes {

struct BulkheadOptions {
  std::uint32_t max_concurrent = 100;
  std::uint32_t max_waiting = 0;                       ///< for a place; 0: nobody waits
  Duration max_wait = std::chrono::milliseconds(100);  ///< no longer than this, or the deadline

  /// kInvalidArgument with the name of the first field that cannot be.
  Status check() const;
};

/// A guard. A place that becomes free goes to who waited longest. Thread-safe. The system must
/// outlive it. One room for each key: per_key.hpp. Refuses with kResourceExhausted.
class Bulkhead final : public Guard {
 public:
  static Expected<std::shared_ptr<Bulkhead>> make(System& system, std::string name,
                                                  BulkheadOptions options);
  ~Bulkhead() override;
  Bulkhead(const Bulkhead&) = delete;
  Bulkhead& operator=(const Bulkhead&) = delete;

  const std::string& name() const override;
  Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) override;
  void wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) override;
  void leave(const Permit& permit, Ending ending) noexcept override;
  GuardNumbers numbers() const override;

 private:
  struct State;
  explicit Bulkhead(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace brontes
