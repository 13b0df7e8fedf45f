#include <atomic>
#include <stdexcept>
#include <thread>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class BreakerScenario : public GuardScenario {
 protected:
  /// Opened by six failures.
  std::shared_ptr<Breaker> open_breaker(BreakerOptions options = BreakerOptions::gobreaker()) {
    auto it = breaker(std::move(options));
    calls_that_pass(it, 6, Errc::kUnavailable);
    return it;
  }
  /// Its open time is over.
  std::shared_ptr<Breaker> half_open_breaker(BreakerOptions options = BreakerOptions::gobreaker()) {
    auto it = open_breaker(std::move(options));
    advance(60s);
    return it;
  }
  /// A call that was let in and did not end yet.
  static Permit begin(const std::shared_ptr<Breaker>& it) {
    Permit permit;
    Status why;
    EXPECT_EQ(it->enter({}, false, permit, why), Entry::kIn) << why;
    return permit;
  }
};

TEST_F(BreakerScenario, FiveFailuresInARowLeaveItClosed) {
  const auto it = breaker();
  EXPECT_EQ(calls_that_pass(it, 5, Errc::kUnavailable), 5);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
  EXPECT_TRUE(passes(it));
}

TEST_F(BreakerScenario, TheSixthFailureOpensIt) {
  const auto it = breaker();
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 6);
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
  EXPECT_EQ(it->state().why, "6 failures in a row, the last one UNAVAILABLE");
  EXPECT_EQ(call(it).to_string(),
            "UNAVAILABLE: breaker shop: open (6 failures in a row, the last one UNAVAILABLE); "
            "lasts 60 s");
}

TEST_F(BreakerScenario, TheStrictOneOpensWithTheFifth) {
  EXPECT_EQ(calls_that_pass(breaker(BreakerOptions::strict()), 100, Errc::kUnavailable), 5);
}

TEST_F(BreakerScenario, ASuccessEndsTheRow) {
  const auto it = breaker();
  calls_that_pass(it, 5, Errc::kUnavailable);
  (void)call(it);
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 6);
}

TEST_F(BreakerScenario, ErrorsOfTheCallerAreNeutral) {
  const auto it = breaker();
  for (const Errc code :
       {Errc::kCancelled, Errc::kInvalidArgument, Errc::kNotFound, Errc::kAlreadyExists,
        Errc::kPermissionDenied, Errc::kUnauthenticated, Errc::kFailedPrecondition, Errc::kAborted,
        Errc::kOutOfRange, Errc::kUnimplemented, Errc::kUnknown})
    EXPECT_EQ(calls_that_pass(it, 1000, code), 1000);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, ErrorsOfTheCallerDoNotEndTheRow) {
  const auto it = breaker();
  calls_that_pass(it, 5, Errc::kUnavailable);
  (void)call(it, Errc::kNotFound);
  (void)call(it, Errc::kUnavailable);
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
}

TEST_F(BreakerScenario, EachCodeOfAServerInTroubleCounts) {
  for (const Errc code : {Errc::kUnavailable, Errc::kDeadlineExceeded, Errc::kInternal,
                          Errc::kDataLoss, Errc::kResourceExhausted})
    EXPECT_EQ(calls_that_pass(breaker(), 100, code), 6) << to_string(code);
}

TEST_F(BreakerScenario, WhatIsThrownCountsAndGoesOn) {
  const auto it = breaker();
  const auto throws = [&] {
    return chain(it).run([]() -> Status { throw std::runtime_error("no bread"); });
  };
  for (int i = 0; i < 6; ++i) EXPECT_THROW((void)throws(), std::runtime_error);
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
}

TEST_F(BreakerScenario, ItIsOpenForExactlySixtySeconds) {
  const auto it = open_breaker();
  advance(60s - 1ns);
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
}

TEST_F(BreakerScenario, OneGoodProbeClosesIt) {
  const auto it = half_open_breaker();
  EXPECT_TRUE(passes(it));
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 6);
}

TEST_F(BreakerScenario, ABadProbeOpensItForAsLongAgain) {
  const auto it = half_open_breaker();
  EXPECT_TRUE(passes(it, Errc::kInternal));
  EXPECT_EQ(it->state().why, "a probe failed with INTERNAL");
  advance(60s - 1ns);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  EXPECT_TRUE(passes(it));
}

TEST_F(BreakerScenario, HalfOpenLetsInOneProbeAtATime) {
  const auto it = half_open_breaker();
  const Permit probe = begin(it);
  EXPECT_EQ(call(it).to_string(),
            "UNAVAILABLE: breaker shop: half open, 1 probes are on their way; try later");
  it->leave(probe, {});
  EXPECT_TRUE(passes(it));
}

TEST_F(BreakerScenario, ItClosesWhenAllProbesPass) {
  auto options = BreakerOptions::gobreaker();
  options.probes = 3;
  const auto it = half_open_breaker(options);
  const Permit first = begin(it), second = begin(it), third = begin(it);
  EXPECT_FALSE(passes(it));
  it->leave(second, {});
  it->leave(first, {});
  EXPECT_FALSE(passes(it));  // those who passed are not let in again
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
  it->leave(third, {});
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, ANeutralProbeMakesPlaceForAnother) {
  const auto it = half_open_breaker();
  EXPECT_TRUE(passes(it, Errc::kNotFound));
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
  EXPECT_TRUE(passes(it));
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, AProbeThatIsLostIsReplacedAfterItsTime) {
  auto options = BreakerOptions::gobreaker();
  options.probe_timeout = 7s;
  const auto it = half_open_breaker(options);
  const Permit lost = begin(it);
  advance(7s - 1ns);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  const Permit next = begin(it);
  it->leave(lost, {.code = Errc::kInternal});  // too late: it is the next one's turn
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
  it->leave(next, {});
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, AProbeIsLostAfterTheOpenTimeByDefault) {
  const auto it = half_open_breaker();
  (void)begin(it);
  advance(60s - 1ns);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  EXPECT_TRUE(passes(it));
}

TEST_F(BreakerScenario, AThrowingProbeDoesNotWedgeIt) {
  const auto it = half_open_breaker();
  const auto throws = [&] {
    return chain(it).run([]() -> Status { throw std::runtime_error("no bread"); });
  };
  EXPECT_THROW((void)throws(), std::runtime_error);
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
  advance(60s);
  EXPECT_TRUE(passes(it));
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, AnswersOfAnOlderGenerationAreDropped) {
  const auto it = breaker();
  const Permit slow_success = begin(it), slow_failure = begin(it);
  calls_that_pass(it, 6, Errc::kUnavailable);
  advance(60s);
  it->leave(slow_success, {});
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
  it->leave(slow_failure, {.code = Errc::kUnavailable});
  EXPECT_EQ(it->state().state, BreakerState::kHalfOpen);
  EXPECT_EQ(it->numbers().now["late_answers"], 2);
}

TEST_F(BreakerScenario, WhatALayerInsideRefusesIsNeutral) {
  const auto it = breaker();
  const auto limit = rate_limit({.per_second = 1, .burst = 1});
  for (int i = 0; i < 20; ++i) (void)chain(it, limit).run([] { return Status(); });
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, ItForgetsFailuresIfItIsToldTo) {
  auto options = BreakerOptions::gobreaker();
  options.clear_every = 10s;
  const auto it = breaker(options);
  calls_that_pass(it, 5, Errc::kUnavailable);
  advance(10s);
  EXPECT_EQ(calls_that_pass(it, 5, Errc::kUnavailable), 5);
  advance(10s);
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 6);
}

TEST_F(BreakerScenario, ForcedOpenItLetsNothingInUntilItIsReleased) {
  const auto it = breaker();
  it->force_open();
  advance(24h);
  EXPECT_EQ(call(it).to_string(), "UNAVAILABLE: breaker shop: forced open");
  EXPECT_TRUE(it->state().forced);
  it->release();
  run();
  EXPECT_TRUE(passes(it));
  EXPECT_FALSE(it->state().forced);
}

TEST_F(BreakerScenario, ForcedClosedItLetsEverythingIn) {
  const auto it = open_breaker();
  it->force_closed();
  run();
  EXPECT_EQ(calls_that_pass(it, 100, Errc::kUnavailable), 100);
  advance(60s);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(BreakerScenario, ForceEndsWithItsTime) {
  const auto it = breaker();
  it->force_open(5s);
  advance(5s - 1ns);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
  EXPECT_TRUE(passes(it));
}

TEST_F(BreakerScenario, ReleasingWhatIsNotForcedChangesNothing) {
  const auto it = open_breaker();
  it->release();
  run();
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
}

TEST_F(BreakerScenario, ListenersHearOfEachTransitionInOrder) {
  const auto it = breaker();
  std::vector<std::string> heard;
  auto listening = it->on_transition([&](const BreakerTransition& change) {
    heard.push_back(change.breaker + ": " + std::string(to_string(change.from)) + " -> " +
                    std::string(to_string(change.now.state)));
  });
  run();
  calls_that_pass(it, 6, Errc::kUnavailable);
  advance(60s);
  (void)call(it);
  run();
  EXPECT_EQ(heard, (std::vector<std::string>{"shop: closed -> open", "shop: open -> half_open",
                                             "shop: half_open -> closed"}));
  listening.reset();
  it->force_open();
  run();
  EXPECT_EQ(heard.size(), 3u);
}

TEST_F(BreakerScenario, CountsTransitionsAndRefusals) {
  const auto it = open_breaker();
  calls_that_pass(it, 4);
  advance(60s);
  const Permit probe = begin(it);
  calls_that_pass(it, 2);
  it->leave(probe, {});
  auto numbers = it->numbers();
  EXPECT_EQ(numbers.refused["open"], 4u);
  EXPECT_EQ(numbers.refused["probing"], 2u);
  EXPECT_EQ(numbers.turned["open"], 1u);
  EXPECT_EQ(numbers.turned["half_open"], 1u);
  EXPECT_EQ(numbers.turned["closed"], 1u);
  EXPECT_EQ(numbers.now["state"], 0);
}

TEST_F(BreakerScenario, OfManyCallersAtOnceAsManyProbeAsMay) {
  for (int round = 0; round < 20; ++round) {
    auto options = BreakerOptions::gobreaker();
    options.probes = 3;
    const auto it = half_open_breaker(options);
    std::atomic<int> let_in{0};
    {
      std::vector<std::jthread> callers;
      for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
          for (int j = 0; j < 25; ++j) {
            Permit permit;
            Status why;
            if (it->enter({}, false, permit, why) == Entry::kIn) ++let_in;
          }
        });
    }
    EXPECT_EQ(let_in, 3);
  }
}

}  // namespace
}  // namespace brontes::testing
