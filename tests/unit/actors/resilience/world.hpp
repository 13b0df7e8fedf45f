// What the tests of guards share: calls that go as they are told, and guards of a scenario.
#pragma once

#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/resilience/chain.hpp>
#include <brontes/actors/resilience/fallback.hpp>
#include <brontes/actors/resilience/per_key.hpp>
#include <brontes/actors/resilience/presets.hpp>
#include <brontes/actors/resilience/rate_limit.hpp>
#include <brontes/actors/resilience/time_limit.hpp>
#include <brontes/actors/testkit/gtest.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brontes::testing {

class GuardScenario : public ScenarioTest {
 protected:
  std::shared_ptr<Breaker> breaker(BreakerOptions options = BreakerOptions::gobreaker()) {
    return Breaker::make(system(), "shop", std::move(options)).value();
  }
  std::shared_ptr<RateLimit> rate_limit(RateLimitOptions options) {
    return RateLimit::make(system(), "shop", options).value();
  }
  std::shared_ptr<Bulkhead> bulkhead(BulkheadOptions options) {
    return Bulkhead::make(system(), "shop", options).value();
  }
};

/// Makes one call that ends with that code; what the caller sees.
inline Status call(const std::shared_ptr<Guard>& guard, Errc code = Errc::kOk) {
  return chain(guard).run([&] { return code == Errc::kOk ? Status() : Status(code, "no bread"); });
}
inline int calls_that_pass(const std::shared_ptr<Guard>& guard, int calls, Errc code = Errc::kOk) {
  int made = 0;
  for (int i = 0; i < calls; ++i)
    (void)chain(guard).run([&] {
      ++made;
      return code == Errc::kOk ? Status() : Status(code, "no bread");
    });
  return made;
}
inline bool passes(const std::shared_ptr<Guard>& guard, Errc code = Errc::kOk) {
  return calls_that_pass(guard, 1, code) == 1;
}

/// What a Later came to, when it has come.
template <class T>
class Seen {
 public:
  explicit Seen(const Later<T>& later)
      : later_(later), result_(std::make_shared<std::optional<Expected<T>>>()) {
    later.then([](const std::function<void()>& job) { job(); },
               [result = result_](Expected<T> value) { result->emplace(std::move(value)); });
  }
  bool is_there() const { return result_->has_value(); }
  /// kOk too while nothing has come: ask is_there().
  Errc code() const { return is_there() && !**result_ ? (*result_)->error().code() : Errc::kOk; }
  std::string text() const { return is_there() && !**result_ ? (*result_)->error().message() : ""; }
  const T& value() const { return ***result_; }
  void cancel() const { later_.cancel(); }

 private:
  Later<T> later_;
  std::shared_ptr<std::optional<Expected<T>>> result_;
};

}  // namespace brontes::testing
