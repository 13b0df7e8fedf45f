// A call is given up when it takes too long.
//
//   auto limit = TimeLimit::make(system, 1s);
//   chain(breaker, *limit).start(ask_the_shop);
#pragma once

#include <brontes/actors/resilience/detail/layer.hpp>
#include <brontes/actors/system.hpp>
#include <memory>
#include <string>
#include <utility>

namespace brontes {

namespace detail {

/// A race between a result and the time. Thread-safe.
class Expiry {
 public:
  virtual ~Expiry() = default;
  virtual void time_is_up() = 0;
};

template <class T>
class TimedCall final : public Expiry {
 public:
  /// `watch` is kept until the call has ended: who watches the time.
  TimedCall(PassedOn<T> done, Status late, std::shared_ptr<void> watch)
      : done_(std::move(done)), late_(std::move(late)), watch_(std::move(watch)) {}

  void finish(Passed<T> passed) {
    if (over_.exchange(true)) return;
    parent_ = {};
    const auto watch = std::move(watch_);
    std::exchange(done_, nullptr)(std::move(passed));
  }
  void time_is_up() override {
    if (over_.load()) return;
    finish({fail(late_)});
    cancellation->request();
  }
  bool is_over() const { return over_.load(); }
  void follow(const std::shared_ptr<Cancellation>& parent) {
    if (parent) parent_ = parent->subscribe([own = cancellation] { own->request(); });
  }

  const std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();

 private:
  PassedOn<T> done_;
  const Status late_;
  std::shared_ptr<void> watch_;
  Cancellation::Subscription parent_;
  std::atomic<bool> over_{false};
};

}  // namespace detail

/// A layer of a chain. A handle: copies share the actor that watches the time. Thread-safe. The
/// system must outlive it.
///
/// Under GuardChain::start() the call fails with kDeadlineExceeded when the time is up, is
/// cancelled, and what it returns later is dropped. Under GuardChain::run() nobody can interrupt
/// it: it runs to its end, and if that was too late its result is replaced by the same error, so
/// that a breaker around counts it. Layers further in let it wait no longer than that.
class TimeLimit {
 public:
  /// kInvalidArgument unless the limit is from 1 ms to 24 h.
  static Expected<TimeLimit> make(System& system, Duration limit);

  std::string describe() const;

  template <class Next>
  std::invoke_result_t<Next&> around(const CallTerms&, Next&& next) const {
    const TimePoint begin = now();
    auto passed = next();
    if (!passed.refused && now() - begin >= limit()) return {fail(late())};
    return passed;
  }

  template <class T>
  void around_later(const detail::TermsPtr& terms, const detail::Inner<T>& next,
                    detail::PassedOn<T> done) const {
    const TimePoint due = now() + limit();
    auto call = std::make_shared<detail::TimedCall<T>>(std::move(done), late(), state_);
    call->follow(terms->cancellation);
    auto shorter = std::make_shared<CallTerms>(*terms);
    shorter->deadline = std::min(terms->deadline, due);
    shorter->cancellation = call->cancellation;
    next(shorter, [call](detail::Passed<T> passed) { call->finish(std::move(passed)); });
    if (!call->is_over()) watch(due, call);
  }

 private:
  struct State;
  explicit TimeLimit(std::shared_ptr<State> state) : state_(std::move(state)) {}
  TimePoint now() const;
  Duration limit() const;
  Status late() const;
  void watch(TimePoint due, std::shared_ptr<detail::Expiry> call) const;

  std::shared_ptr<State> state_;
};

}  // namespace brontes
