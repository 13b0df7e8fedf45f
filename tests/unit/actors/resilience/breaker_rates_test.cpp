// Breakers that look at a window: shares and throttling.
#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class BreakerRates : public GuardScenario {
 protected:
  std::shared_ptr<Breaker> throttle() {
    auto options = BreakerOptions::sre();
    options.seed = 7;
    return breaker(options);
  }
};

TEST_F(BreakerRates, HystrixOpensWithTheTwentiethCall) {
  const auto it = breaker(BreakerOptions::hystrix());
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 20);
  EXPECT_EQ(it->state().why, "20 of 20 calls failed, the last one UNAVAILABLE");
}

TEST_F(BreakerRates, HystrixOpensAtFiftyPerCentAndNotBelow) {
  const auto below = breaker(BreakerOptions::hystrix());
  calls_that_pass(below, 21);
  EXPECT_EQ(calls_that_pass(below, 20, Errc::kInternal), 20);  // 20 of 41: 48.8
  EXPECT_EQ(below->state().state, BreakerState::kClosed);

  const auto at = breaker(BreakerOptions::hystrix());
  calls_that_pass(at, 10);
  EXPECT_EQ(calls_that_pass(at, 100, Errc::kInternal), 10);
}

TEST_F(BreakerRates, HystrixRoundsPerCent) {
  const auto it = breaker(BreakerOptions::hystrix());
  calls_that_pass(it, 101);
  EXPECT_EQ(calls_that_pass(it, 1000, Errc::kInternal), 99);  // 99 of 200: 49.5
}

TEST_F(BreakerRates, CallsOlderThanTheWindowDoNotCount) {
  const auto it = breaker(BreakerOptions::hystrix());
  calls_that_pass(it, 19, Errc::kUnavailable);
  advance(10s);
  EXPECT_EQ(calls_that_pass(it, 19, Errc::kUnavailable), 19);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
  advance(9s);
  EXPECT_EQ(calls_that_pass(it, 19, Errc::kUnavailable), 1);
}

TEST_F(BreakerRates, AWeekWithoutACallIsNoPartOfTheWindow) {
  const auto it = breaker(BreakerOptions::hystrix());
  calls_that_pass(it, 19, Errc::kUnavailable);
  for (const auto pause : {24h * 7, 24h * 12, 24h * 13, 24h * 400}) {
    advance(pause);
    EXPECT_EQ(calls_that_pass(it, 19, Errc::kUnavailable), 19);
    EXPECT_EQ(it->state().state, BreakerState::kClosed);
  }
  EXPECT_EQ(calls_that_pass(it, 19, Errc::kUnavailable), 1);
}

TEST_F(BreakerRates, HystrixTestsEachFiveSecondsAndStartsAnew) {
  const auto it = breaker(BreakerOptions::hystrix());
  calls_that_pass(it, 20, Errc::kUnavailable);
  advance(5s);
  EXPECT_EQ(calls_that_pass(it, 10, Errc::kUnavailable), 1);
  advance(5s);
  EXPECT_TRUE(passes(it));
  // What made it open is within its ten seconds, but no part of the new generation.
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 20);
}

TEST_F(BreakerRates, ErrorsOfTheCallerAreNoPartOfTheWindow) {
  const auto it = breaker(BreakerOptions::hystrix());
  EXPECT_EQ(calls_that_pass(it, 1000, Errc::kNotFound), 1000);
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 20);
}

TEST_F(BreakerRates, SrePassesAllWhileHalfOfThemSucceed) {
  const auto it = throttle();
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(passes(it));
    EXPECT_TRUE(passes(it, Errc::kUnavailable));
  }
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerRates, SreWaitsForTwentyCalls) {
  const auto it = throttle();
  EXPECT_EQ(calls_that_pass(it, 20, Errc::kUnavailable), 20);
  EXPECT_LT(calls_that_pass(it, 1000, Errc::kUnavailable), 100);
  EXPECT_EQ(it->state().state, BreakerState::kThrottling);
}

// p = (calls - 2 * successes) / (calls + 1), and refused ones are calls, too.
TEST_F(BreakerRates, SreLetsInAboutTwiceWhatTheServerCanServe) {
  const auto it = throttle();
  constexpr int kServes = 10, kOffered = 100;  // in each tenth of a second
  int made = 0;
  for (int slice = 0; slice < 130; ++slice) {
    if (slice == 30) made = 0;  // the window is full of it
    int served = 0;
    for (int i = 0; i < kOffered; ++i)
      (void)chain(it).run([&] {
        ++made;
        return ++served <= kServes ? Status() : Status(Errc::kResourceExhausted, "full");
      });
    advance(100ms);
  }
  EXPECT_GT(made, 100 * kServes * 1.6);
  EXPECT_LT(made, 100 * kServes * 2.4);
}

TEST_F(BreakerRates, SreRecoversWhenTheWindowHasPassed) {
  const auto it = throttle();
  calls_that_pass(it, 1000, Errc::kUnavailable);
  advance(3s);
  EXPECT_EQ(calls_that_pass(it, 1000), 1000);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerRates, SreTellsWhenItBeginsAndCeasesToRefuse) {
  const auto it = throttle();
  std::vector<std::string> heard;
  const auto listening = it->on_transition(
      [&](const BreakerTransition& change) { heard.emplace_back(to_string(change.now.state)); });
  calls_that_pass(it, 100, Errc::kUnavailable);
  run();
  advance(3s);
  calls_that_pass(it, 1);
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"throttling", "closed"}));
  EXPECT_GT(it->numbers().refused["throttled"], 50u);
}

TEST_F(BreakerRates, SreRefusesTheSameForTheSameSeed) {
  const auto one = throttle(), other = throttle();
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(passes(one, Errc::kInternal), passes(other, Errc::kInternal));
}

}  // namespace
}  // namespace brontes::testing
