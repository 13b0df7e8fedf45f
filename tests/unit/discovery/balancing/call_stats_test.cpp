#include <brontes/discovery/balancing/call_stats.hpp>
#include <cmath>

#include "picker_world.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::PickerWorld;

struct CallStatsTest : ::testing::Test, PickerWorld {
  CallStatsTest() : PickerWorld(alike(1)) {}
  void call(Duration took, Errc code = Errc::kOk) {
    const auto ticket = one.begin();
    clock.time += took;
    one.end(ticket, code);
  }
  CallStats& one = stats(0);
};

TEST_F(CallStatsTest, ForgetWhatBelongsToTheProcessBefore) {
  const auto before = one.begin();
  call(1ms, Errc::kUnavailable);
  EXPECT_EQ(one.failed(), 1u);
  one.restart();
  EXPECT_EQ(one.success(), 1);
  one.end(before, Errc::kUnavailable);
  EXPECT_EQ(one.failed(), 0u);
  EXPECT_EQ(one.latency(), 0);
  EXPECT_EQ(one.in_flight(), 0u);
}

TEST_F(CallStatsTest, ASuccessEndsARowOfFailures) {
  call(1ms, Errc::kInternal);
  call(1ms, Errc::kUnavailable);
  EXPECT_EQ(one.failed_in_a_row(), 2u);
  call(1ms, Errc::kNotFound);  // the caller's fault, not the endpoint's
  EXPECT_EQ(one.failed_in_a_row(), 0u);
}

TEST_F(CallStatsTest, ASlowerAnswerCountsAtOnceAndFasterOnesBitByBit) {
  call(10ms);
  EXPECT_FLOAT_EQ(one.latency(), 0.010f);
  call(200ms);
  EXPECT_FLOAT_EQ(one.latency(), 0.200f);
  call(10ms);
  EXPECT_NEAR(one.latency(), 0.1994, 1e-4);
  clock.time += 3s - 10ms;  // a third of what was known is left
  call(10ms);
  EXPECT_NEAR(one.latency(), 0.010 + 0.1894 * std::exp(-1), 1e-3);
}

TEST_F(CallStatsTest, AFailureIsNeverFastButMayBeSlow) {
  call(10ms);
  for (int i = 0; i < 100; ++i) call(1ms, Errc::kUnavailable);
  EXPECT_FLOAT_EQ(one.latency(), 0.010f);
  call(1s, Errc::kDeadlineExceeded);
  EXPECT_FLOAT_EQ(one.latency(), 1);
}

TEST_F(CallStatsTest, FailuresAreBelievedAfterAFewCallsHoweverFastTheyCome) {
  call(10ms);
  for (int i = 0; i < 16; ++i) call(1ms, Errc::kUnavailable);
  EXPECT_LT(one.success(), 0.4);
  for (int i = 0; i < 64; ++i) call(1ms, Errc::kUnavailable);
  EXPECT_LT(one.success(), 0.01);
}

TEST_F(CallStatsTest, OneErrorAfterALongPauseIsNotTheEndOfTrust) {
  call(10ms);
  clock.time += 1h;
  call(10ms, Errc::kInternal);
  EXPECT_FLOAT_EQ(one.success(), 0.5f);
}

TEST_F(CallStatsTest, WhatTheCallerCancelsSaysOnlyThatItTakesAsLong) {
  call(10ms);
  call(5ms, Errc::kCancelled);
  EXPECT_FLOAT_EQ(one.latency(), 0.010f);
  call(5s, Errc::kCancelled);
  EXPECT_FLOAT_EQ(one.latency(), 5);
  EXPECT_EQ(one.success(), 1);
  EXPECT_EQ(one.succeeded(), 1u);
}

TEST_F(CallStatsTest, WhoLosesToHedgesInARowLooksTwiceAsSlowEachTime) {
  call(10ms);
  const auto lose = [&] {
    call(10ms, Errc::kCancelled);
    one.outrun();
  };
  lose();
  EXPECT_FLOAT_EQ(one.latency(), 0.010f) << "once may be bad luck";
  lose();
  EXPECT_FLOAT_EQ(one.latency(), 0.020f);
  for (int i = 0; i < 20; ++i) lose();
  EXPECT_FLOAT_EQ(one.latency(), 0.640f);
  EXPECT_EQ(one.last_heard(), clock.time);
  call(10ms);
  const float before = one.latency();
  lose();
  EXPECT_FLOAT_EQ(one.latency(), before);
}

TEST_F(CallStatsTest, CancelledCallsEndNoRowOfFailures) {
  call(1ms, Errc::kUnavailable);
  call(1ms, Errc::kCancelled);
  EXPECT_EQ(one.failed_in_a_row(), 1u);
}

TEST_F(CallStatsTest, TheTimeOfAStreamSaysNothing) {
  const auto ticket = one.begin(false);
  EXPECT_EQ(one.in_flight(), 1u);
  EXPECT_FALSE(one.is_waiting());
  clock.time += 1h;
  one.end(ticket, Errc::kUnavailable);
  EXPECT_EQ(one.latency(), 0);
  EXPECT_LT(one.success(), 1);
  EXPECT_EQ(one.in_flight(), 0u);
}

TEST_F(CallStatsTest, TellsSinceWhenSomebodyWaitsForAnAnswer) {
  const auto first = one.begin();
  EXPECT_TRUE(one.is_waiting());
  const TimePoint began = clock.time;
  clock.time += 1s;
  const auto second = one.begin();
  EXPECT_EQ(one.waiting_since(), began);
  clock.time += 1s;
  one.end(first, Errc::kOk);
  EXPECT_EQ(one.waiting_since(), clock.time);  // at least since then
  one.end(second, Errc::kOk);
  EXPECT_FALSE(one.is_waiting());
}

TEST_F(CallStatsTest, ACallNobodyKnowsTheEndOfLeaves) {
  one.abandon(one.begin());
  EXPECT_EQ(one.in_flight(), 0u);
  EXPECT_EQ(load->in_flight(), 0u);
  EXPECT_EQ(one.succeeded() + one.failed(), 0u);
}

TEST_F(CallStatsTest, TheChannelKnowsAllItsCalls) {
  CallStats other(load);
  const auto mine = one.begin(), theirs = other.begin(false);
  EXPECT_EQ(load->in_flight(), 2u);
  one.end(mine, Errc::kOk);
  other.end(theirs, Errc::kOk);
  EXPECT_EQ(load->in_flight(), 0u);
}

TEST_F(CallStatsTest, RecentIsWhenACallLastBeganOrEnded) {
  clock.time += 1s;
  EXPECT_EQ(load->recent(), clock.time - 1s);
  const auto ticket = one.begin();
  EXPECT_EQ(load->recent(), clock.time);
  clock.time += 1s;
  one.end(ticket, Errc::kOk);
  EXPECT_EQ(load->recent(), clock.time);
}

}  // namespace
}  // namespace brontes
