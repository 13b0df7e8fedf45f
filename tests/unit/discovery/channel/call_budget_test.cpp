// The brakes on calls that are made more than once.
#include <gtest/gtest.h>

#include <brontes/discovery/balancing/retry_tokens.hpp>
#include <brontes/discovery/channel/detail/call_budget.hpp>
#include <brontes/discovery/channel/detail/latency_window.hpp>
#include <brontes/discovery/channel/retry_policy.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;

int granted(CallBudget& budget, TimePoint now, std::uint64_t calls) {
  int count = 0;
  while (budget.withdraw(now, calls)) ++count;
  return count;
}

TEST(CallBudget, FillsUpWithTime) {
  const TimePoint start{};
  CallBudget budget({.ratio = 0.2, .per_second = 10}, start);
  EXPECT_EQ(granted(budget, start, 0), 100);
  EXPECT_FALSE(budget.withdraw(start + 99ms, 0));
  EXPECT_TRUE(budget.withdraw(start + 101ms, 0));
}

TEST(CallBudget, GrantsAShareOfTheCallsOfTheLastTenSeconds) {
  const TimePoint start{};
  CallBudget budget({.ratio = 0.05, .per_second = 0}, start);
  EXPECT_FALSE(budget.withdraw(start, 19));
  EXPECT_EQ(granted(budget, start + 1s, 2000), 99);
  EXPECT_EQ(granted(budget, start + 11s, 2000), 0) << "long ago";
}

TEST(CallBudget, CallsOfTheWindowPayHoweverLongAgoTheLastRetryWas) {
  const TimePoint start{};
  CallBudget budget({.ratio = 0.2, .per_second = 0}, start);
  // 1000 calls a second for an hour: a fifth of ten seconds of them.
  EXPECT_NEAR(granted(budget, start + 1h, 3'600'000), 2000, 1);
}

TEST(RetryTokens, AllowWhileMoreThanHalfIsLeftAndComeBackByTheTenth) {
  RetryTokens tokens;
  for (int i = 0; i < 4; ++i) tokens.spend();
  EXPECT_TRUE(tokens.allow());
  tokens.spend();
  EXPECT_FALSE(tokens.allow());
  tokens.earn();
  EXPECT_TRUE(tokens.allow());
  for (int i = 0; i < 100; ++i) tokens.spend();
  for (int i = 0; i < 50; ++i) tokens.earn();
  EXPECT_FALSE(tokens.allow()) << "from none, not from less";
  tokens.earn();
  EXPECT_TRUE(tokens.allow());
}

TEST(RetryPolicy, DelaysDoubleUpToTheMaximumGiveOrTakeAFifth) {
  const RetryPolicy policy;
  std::uint64_t random = 1;
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(policy.delay(1, random), 40ms);
    EXPECT_LE(policy.delay(1, random), 60ms);
    EXPECT_GE(policy.delay(3, random), 160ms);
    EXPECT_LE(policy.delay(3, random), 240ms);
    EXPECT_LE(policy.delay(30, random), 1200ms);
  }
}

struct LatencyWindowTest : ::testing::Test {
  void record(Duration took, int times) {
    for (int i = 0; i < times; ++i) window.record(took);
  }
  Duration p95_at(Duration at) {
    window.roll(start + at);
    return window.p95();
  }
  const TimePoint start{};
  LatencyWindow window{start};
};

TEST_F(LatencyWindowTest, TellsWhatNineteenOfTwentyCallsDoNotExceed) {
  record(10ms, 95);
  record(1s, 5);
  EXPECT_GE(p95_at(1s), 10ms);
  EXPECT_LE(window.p95(), 11ms);
  record(1s, 1);
  EXPECT_GE(p95_at(2s), 1s);
  EXPECT_LE(window.p95(), 1125ms);
}

TEST_F(LatencyWindowTest, TellsNothingOfTooFewCalls) {
  record(10ms, 19);
  EXPECT_EQ(p95_at(1s), 0s);
  record(10ms, 1);
  EXPECT_NE(p95_at(2s), 0s);
}

TEST_F(LatencyWindowTest, ForgetsWhatIsOlderThanTenSeconds) {
  record(1s, 100);
  EXPECT_GE(p95_at(1s), 1s);
  record(5ms, 100);
  EXPECT_GE(p95_at(9s), 1s);
  EXPECT_LE(p95_at(12s), 6ms);
  EXPECT_EQ(p95_at(1h), 0s);
}

TEST_F(LatencyWindowTest, TakesTheShortestAndTheLongest) {
  record(0s, 20);
  EXPECT_EQ(p95_at(1s), 100us);
  record(24h, 500);
  EXPECT_GE(p95_at(2s), 90s);
}

}  // namespace
}  // namespace brontes
