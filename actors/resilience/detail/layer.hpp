// What the layers of a chain have in common: how they hand a call on, and its result back.
#pragma once

#include <brontes/actors/resilience/guard.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace brontes::detail {

/// A result on its way back through the layers.
template <class T>
struct Passed {
  using Value = T;
  Expected<T> result;
  bool refused = false;  ///< by a layer: the call was not made

  Ending ending() const { return {result ? Errc::kOk : result.error().code(), refused}; }
};

using TermsPtr = std::shared_ptr<const CallTerms>;
template <class T>
using PassedOn = std::function<void(Passed<T>)>;
/// The layers further in, and the call.
template <class T>
using Inner = std::function<void(const TermsPtr&, PassedOn<T>)>;

/// What a function that is guarded comes to: T of Expected<T>, of Later<T>, of ClientCall<T>; a
/// Status counts as an Expected<std::monostate>.
template <class R>
struct ResultOf;
template <class T>
struct ResultOf<Expected<T>> {
  using Value = T;
  static constexpr bool kIsThere = true;
};
template <>
struct ResultOf<Status> {
  using Value = std::monostate;
  static constexpr bool kIsThere = true;
};
template <template <class> class Pending, class T>
struct ResultOf<Pending<T>> {
  using Value = T;
  static constexpr bool kIsThere = false;
};

template <class F, class = void>
struct Made {
  using type = std::invoke_result_t<F&>;
};
template <class F>
struct Made<F, std::enable_if_t<std::is_invocable_v<F&, const CallTerms&>>> {
  using type = std::invoke_result_t<F&, const CallTerms&>;
};
template <class F>
using MadeBy = typename Made<std::remove_reference_t<F>>::type;

template <class F>
MadeBy<F> make_call(F& f, const CallTerms& terms) {
  if constexpr (std::is_invocable_v<F&, const CallTerms&>)
    return f(terms);
  else
    return f();
}

template <class T>
Passed<T> passed(Expected<T> result) {
  return {std::move(result)};
}
inline Passed<std::monostate> passed(Status status) {
  if (status.ok()) return {std::monostate{}};
  return {fail(std::move(status))};
}

inline Status what_was_thrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return {Errc::kInternal, std::string("the guarded call threw: ") + error.what()};
  } catch (...) {
    return {Errc::kInternal, "the guarded call threw something that is no std::exception"};
  }
}

/// Starts what `f` stands for and hands its result on, whether it is there or comes later.
template <class T, class F>
void start_call(F& f, const TermsPtr& terms, const PassedOn<T>& done) {
  using R = ResultOf<MadeBy<F>>;
  std::optional<MadeBy<F>> made;
  try {
    made.emplace(make_call(f, *terms));
  } catch (...) {
    return done({fail(what_was_thrown())});
  }
  if constexpr (R::kIsThere) {
    done(passed(std::move(*made)));
  } else {
    auto subscription = std::make_shared<Cancellation::Subscription>();
    if (terms->cancellation) {
      if constexpr (requires { made->cancel(); })
        *subscription = terms->cancellation->subscribe([call = *made] { call.cancel(); });
    }
    made->then([](const std::function<void()>& job) { job(); },
               [done, subscription](Expected<T> result) {
                 *subscription = {};
                 done(passed(std::move(result)));
               });
  }
}

/// A guard as a layer; null lets everything through.
class GuardLayer {
 public:
  explicit GuardLayer(std::shared_ptr<Guard> guard) : guard_(std::move(guard)) {}

  std::string describe() const {
    if (!guard_) return {};
    const std::string kind = guard_->numbers().kind;
    return kind.empty() ? guard_->name() : kind + " " + guard_->name();
  }

  template <class Next>
  std::invoke_result_t<Next&> around(const CallTerms& terms, Next&& next) const {
    if (!guard_) return next();
    Permit permit;
    Status why;
    if (guard_->enter(terms, false, permit, why) != Entry::kIn) return {fail(std::move(why)), true};
    try {
      auto passed = next();
      guard_->leave(permit, passed.ending());
      return passed;
    } catch (...) {
      guard_->leave(permit, {.code = Errc::kInternal});
      throw;
    }
  }

  template <class T>
  void around_later(const TermsPtr& terms, Inner<T> next, PassedOn<T> done) const {
    if (!guard_) return next(terms, std::move(done));
    Permit permit;
    Status why;
    switch (guard_->enter(*terms, true, permit, why)) {
      case Entry::kIn:
        return go_on<T>(guard_, std::move(permit), terms, next, std::move(done));
      case Entry::kRefused:
        return done({fail(std::move(why)), true});
      case Entry::kMustWait:
        break;
    }
    guard_->wait(
        *terms,
        std::make_shared<GuardWaiter>([guard = guard_, terms, next = std::move(next),
                                       done = std::move(done)](Status refusal, Permit later) {
          if (!refusal.ok()) return done({fail(std::move(refusal)), true});
          const auto job = [guard, terms, next, done, later = std::move(later)] {
            go_on<T>(guard, later, terms, next, done);
          };
          terms->executor ? terms->executor(job) : job();
        }));
  }

 private:
  template <class T>
  static void go_on(const std::shared_ptr<Guard>& guard, Permit permit, const TermsPtr& terms,
                    const Inner<T>& next, PassedOn<T> done) {
    next(terms, [guard, permit = std::move(permit), done = std::move(done)](Passed<T> passed) {
      guard->leave(permit, passed.ending());
      done(std::move(passed));
    });
  }

  std::shared_ptr<Guard> guard_;
};

}  // namespace brontes::detail
