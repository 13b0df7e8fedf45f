// Chains around what comes later.
#include <stdexcept>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class ChainLater : public GuardScenario {
 protected:
  template <class Guarded>
  Seen<int> start(const Guarded& guarded, const Promise<int>& promise, CallTerms terms = {}) {
    return Seen<int>(guarded.start([promise] { return promise.later(); }, std::move(terms)));
  }
};

TEST_F(ChainLater, TheResultGoesOnWhenItComes) {
  const Promise<int> promise;
  const auto seen = start(chain(breaker(), bulkhead({})), promise);
  EXPECT_FALSE(seen.is_there());
  promise.finish(7);
  ASSERT_TRUE(seen.is_there());
  EXPECT_EQ(seen.value(), 7);
}

TEST_F(ChainLater, WhatIsThereAtOnceMayBeStartedToo) {
  const Seen<int> seen(chain(breaker()).start([]() -> Expected<int> { return 7; }));
  EXPECT_EQ(seen.value(), 7);
  const Seen<std::monostate> status(
      chain(breaker()).start([] { return Status(Errc::kNotFound, "no such bread"); }));
  EXPECT_EQ(status.code(), Errc::kNotFound);
}

TEST_F(ChainLater, ABreakerCountsWhatComesLater) {
  const auto it = breaker();
  for (int i = 0; i < 6; ++i) {
    const Promise<int> promise;
    const auto seen = start(chain(it), promise);
    promise.finish(fail(Errc::kUnavailable, "no bread"));
    EXPECT_EQ(seen.code(), Errc::kUnavailable);
  }
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
  const Promise<int> promise;
  EXPECT_EQ(start(chain(it), promise).code(), Errc::kUnavailable);
}

TEST_F(ChainLater, WhatIsThrownIsInternalAndCounts) {
  const auto it = breaker();
  for (int i = 0; i < 6; ++i) {
    const Seen<int> seen(
        chain(it).start([]() -> Expected<int> { throw std::runtime_error("no bread"); }));
    EXPECT_EQ(seen.code(), Errc::kInternal);
    EXPECT_EQ(seen.text(), "the guarded call threw: no bread");
  }
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
}

TEST_F(ChainLater, APromiseThatIsDroppedIsInternal) {
  auto promise = std::make_optional<Promise<int>>();
  const Seen<int> seen(promise->later());
  promise.reset();
  EXPECT_EQ(seen.code(), Errc::kInternal);
}

TEST_F(ChainLater, CancellingReachesTheCall) {
  const Promise<int> promise;
  const auto parent = std::make_shared<Cancellation>();
  const auto seen = start(chain(breaker()), promise, {.cancellation = parent});
  EXPECT_FALSE(promise.cancellation()->requested());
  parent->request();
  EXPECT_TRUE(promise.cancellation()->requested());
  EXPECT_FALSE(seen.is_there());  // the call says how it ended
}

TEST_F(ChainLater, ALateCallIsGivenUpAndCancelled) {
  const auto it = breaker();
  const Promise<int> promise;
  const auto seen = start(chain(it, TimeLimit::make(system(), 1s).value()), promise);
  advance(1s - 1ns);
  EXPECT_FALSE(seen.is_there());
  advance(1ns);
  EXPECT_EQ(seen.code(), Errc::kDeadlineExceeded);
  EXPECT_TRUE(promise.cancellation()->requested());
  promise.finish(7);  // dropped
  EXPECT_EQ(seen.code(), Errc::kDeadlineExceeded);
}

TEST_F(ChainLater, ACallInTimeIsNotTouched) {
  const Promise<int> promise;
  const auto seen = start(chain(TimeLimit::make(system(), 1s).value()), promise);
  advance(1s - 1ns);
  promise.finish(7);
  advance(1s);
  EXPECT_EQ(seen.value(), 7);
  EXPECT_FALSE(promise.cancellation()->requested());
}

TEST_F(ChainLater, AGuardInsideATimeLimitWaitsNoLongerThanThat) {
  const auto limit = rate_limit({.per_second = 1, .burst = 1, .max_wait = 10s});
  (void)call(limit);
  const Promise<int> promise;
  const auto guarded = chain(TimeLimit::make(system(), 500ms).value(), limit);
  EXPECT_EQ(start(guarded, promise).code(), Errc::kResourceExhausted);
}

TEST_F(ChainLater, AFallbackMayComeLater) {
  const Promise<int> shop, cache;
  const auto guarded = chain(otherwise([cache](const Status&) { return cache.later(); }));
  const auto seen = start(guarded, shop);
  shop.finish(fail(Errc::kUnavailable, "no bread"));
  EXPECT_FALSE(seen.is_there());
  cache.finish(fail(Errc::kNotFound, "the cache is empty"));
  EXPECT_EQ(seen.code(), Errc::kUnavailable);
  EXPECT_EQ(seen.text(), "no bread; and instead of it: NOT_FOUND: the cache is empty");
}

TEST_F(ChainLater, TheHystrixPresetLimitsAllThree) {
  const auto guarded = hystrix(system(), "shop").value();
  EXPECT_EQ(guarded.describe(), "breaker shop > bulkhead shop > at most 1 s");
  std::vector<Promise<int>> promises(30);
  std::vector<Seen<int>> calls;
  for (const auto& promise : promises) calls.push_back(start(guarded, promise));
  int refused = 0;
  for (const auto& each : calls) refused += each.code() == Errc::kResourceExhausted ? 1 : 0;
  EXPECT_EQ(refused, 20);  // ten at a time
  advance(1s);
  for (const auto& each : calls) EXPECT_TRUE(each.is_there());
  // Ten were too late; those that were refused do not count: ten more open it.
  int made = 0;
  const auto fails = [&]() -> Expected<int> {
    ++made;
    return fail(Errc::kUnavailable, "no bread");
  };
  for (int i = 0; i < 100; ++i) (void)guarded.run(fails);
  EXPECT_EQ(made, 10);
  advance(5s);
  (void)guarded.run(fails);
  EXPECT_EQ(made, 11);
}

}  // namespace
}  // namespace brontes::testing
