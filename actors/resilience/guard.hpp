// A layer around calls that may refuse them, or make them wait: breaker, rate limit, bulkhead.
// How to put them around a function or a call: chain.hpp. Manual: docs/resilience.md.
#pragma once

#include <atomic>
#include <brontes/actors/call/cancellation.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/executor.hpp>
#include <brontes/actors/status.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace brontes {

/// What one call says of itself to the layers around it.
struct CallTerms {
  TimePoint deadline = TimePoint::max();            ///< no layer lets it wait longer than this
  std::shared_ptr<Cancellation> cancellation = {};  ///< may be null. Ends waiting, and the call
  std::string key = {};                             ///< for guards per key: a tenant, a method
  /// Where a call is made that had to wait; none: in the turn of the guard's actor, which it must
  /// not hold up.
  Executor executor = {};
};

class Guard;

/// What a guard remembers of one call that it let in. Made and read by that guard only.
struct Permit {
  std::uint64_t generation = 0;
  std::int64_t lease = 0;
  std::uint32_t slot = 0;
  std::shared_ptr<Guard> by = {};  ///< guards per key: the one of the key
};

enum class Entry {
  kIn,        ///< the call may be made; leave() is due
  kRefused,   ///< it may not, and the status says why
  kMustWait,  ///< nothing was taken; wait() lets it in later, perhaps
};

/// How a call went, as a guard sees it.
struct Ending {
  Errc code = Errc::kOk;
  bool refused = false;  ///< by a layer further in: the call was not made
};

/// A call that waits to be let in. Told once, by whoever comes first: the guard that lets it in or
/// refuses it, or its cancellation. Thread-safe.
class GuardWaiter {
 public:
  /// OK and a permit, or why it is refused. Runs on the thread that tells.
  using Told = std::function<void(Status, Permit)>;
  explicit GuardWaiter(Told told) : told_(std::move(told)) {}

  /// False if it was told already: the permit is not used.
  bool let_in(Permit permit) { return tell({}, std::move(permit)); }
  bool refuse(Status why) { return tell(std::move(why), {}); }
  bool is_told() const { return done_.load(std::memory_order_acquire); }
  /// Keeps it until the waiter ends.
  void keep(Cancellation::Subscription subscription) { subscription_ = std::move(subscription); }

 private:
  bool tell(Status why, Permit permit) {
    if (done_.exchange(true, std::memory_order_acq_rel)) return false;
    std::exchange(told_, nullptr)(std::move(why), std::move(permit));
    return true;
  }

  Told told_;
  Cancellation::Subscription subscription_;
  std::atomic<bool> done_{false};
};

/// What a guard has counted, for metrics. The names are the labels.
struct GuardNumbers {
  std::string kind = {};                              ///< "breaker", "rate_limit", "bulkhead"
  std::map<std::string, std::uint64_t> refused = {};  ///< calls, by reason
  std::map<std::string, std::uint64_t> turned = {};   ///< breakers: transitions, by new state
  std::map<std::string, double> now = {};             ///< "state", "in_flight", "waiting"
};

/// Thread-safe. Its state belongs to it alone; the same guard may stand in many chains. Calls that
/// are inside or wait keep it: who wants it gone before its longest wait cancels them.
class Guard {
 public:
  virtual ~Guard() = default;

  /// As given when it was made: "prices". For texts, logs and metrics.
  virtual const std::string& name() const = 0;

  /// Decides at once, without asking a mailbox. Says kMustWait only to who can.
  virtual Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) = 0;

  /// After kMustWait: tells the waiter when it is let in, or that it will not be in time.
  virtual void wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter);

  /// Once for each call that was let in, at its end.
  virtual void leave(const Permit& permit, Ending ending) noexcept = 0;

  virtual GuardNumbers numbers() const = 0;
};

}  // namespace brontes
