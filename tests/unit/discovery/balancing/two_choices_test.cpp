// Policies that look at endpoints at the pick: least_request and peak_ewma.
#include <brontes/discovery/balancing/least_request.hpp>
#include <brontes/discovery/balancing/peak_ewma.hpp>
#include <numeric>
#include <random>

#include "picker_world.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::PickerWorld;

constexpr std::uint64_t kTwoChoicesSeed = 4711;

PickerWorld::Answer after(Duration time, Errc code = Errc::kOk) { return {time, code}; }

double part(const std::vector<int>& calls, std::size_t number) {
  return calls[number] / static_cast<double>(std::accumulate(calls.begin(), calls.end(), 0));
}

TEST(LeastRequest, OfTwoTakesTheOneWithFewerCallsInFlight) {
  PickerWorld world(PickerWorld::alike(2));
  const auto picker = make_least_request(kTwoChoicesSeed)->make_picker(world.all);
  const auto ticket = world.stats(0).begin();
  EXPECT_EQ(world.shares(*picker, 100), (std::vector<int>{0, 100}));
  world.stats(0).end(ticket, Errc::kOk);
  EXPECT_NEAR(world.shares(*picker, 1000)[0], 500, 60);
}

TEST(LeastRequest, AHeavierOneMayHaveMore) {
  PickerWorld world({100, 300});
  const auto picker = make_least_request(kTwoChoicesSeed)->make_picker(world.all);
  for (int i = 0; i < 400; ++i) world.stats(world.number(picker->pick({}).endpoint)).begin();
  EXPECT_NEAR(world.stats(1).in_flight(), 300, 2);
}

TEST(LeastRequest, WithMoreChoicesTheBusiestGetLess) {
  PickerWorld world(PickerWorld::alike(10));
  for (std::size_t i = 0; i < 10; ++i)
    for (std::size_t busy = 0; busy < i; ++busy) world.stats(i).begin();
  const auto two =
      world.shares(*make_least_request(kTwoChoicesSeed, 2)->make_picker(world.all), 10'000);
  const auto five =
      world.shares(*make_least_request(kTwoChoicesSeed, 5)->make_picker(world.all), 10'000);
  EXPECT_NEAR(part(two, 0), 0.2, 0.02);  // 2/n
  EXPECT_NEAR(part(five, 0), 1 - std::pow(0.9, 5), 0.02);
}

struct PeakEwma : ::testing::Test, PickerWorld {
  PeakEwma() : PickerWorld(alike(5)) {}
  std::shared_ptr<const Picker> picker = make_peak_ewma(kTwoChoicesSeed)->make_picker(all);
  /// 5 to 15 ms: no two servers are alike to the nanosecond.
  Duration about_ten() { return 5ms + std::chrono::microseconds(random() % 10'000); }

  std::mt19937 random{7};
  const std::function<Answer(std::size_t)> even = [this](std::size_t) {
    return after(about_ten());
  };
};

TEST_F(PeakEwma, SharesAreEvenWhereLatenciesAre) {
  run(*picker, 1s, 2ms, even);
  const auto calls = run(*picker, 10s, 2ms, even);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(part(calls, i), 0.2, 0.03) << i;
}

TEST_F(PeakEwma, ASlowOneLosesItsShareInTwoSecondsAndGetsItBack) {
  run(*picker, 5s, 2ms, even);
  const auto one_is_slow = [this](std::size_t i) {
    return after(about_ten() + (i == 3 ? 100ms : 0ms));
  };
  run(*picker, 2s, 2ms, one_is_slow);
  EXPECT_LT(part(run(*picker, 10s, 2ms, one_is_slow), 3), 0.05);
  run(*picker, 20s, 2ms, even);
  EXPECT_NEAR(part(run(*picker, 10s, 2ms, even), 3), 0.2, 0.04);
}

TEST_F(PeakEwma, WhoFailsAtOnceDrawsNoCalls) {
  run(*picker, 5s, 2ms, even);
  const auto one_fails = [this](std::size_t i) {
    return i == 2 ? after(1ms, Errc::kUnavailable) : after(about_ten());
  };
  run(*picker, 2s, 2ms, one_fails);
  EXPECT_LT(part(run(*picker, 10s, 2ms, one_fails), 2), 0.01);
  run(*picker, 20s, 2ms, even);
  EXPECT_NEAR(part(run(*picker, 10s, 2ms, even), 2), 0.2, 0.04);
}

TEST_F(PeakEwma, WhoHasNeverDoneAnythingButFailDrawsNoCalls) {
  const auto one_fails = [](std::size_t i) {
    return i == 2 ? after(1ms, Errc::kUnavailable) : after(200ms);
  };
  run(*picker, 2s, 2ms, one_fails);
  EXPECT_LT(part(run(*picker, 10s, 2ms, one_fails), 2), 0.01);
}

TEST_F(PeakEwma, WhoHangsIsAvoidedBeforeItsCallsTimeOut) {
  run(*picker, 5s, 2ms, even);
  const auto one_hangs = [this](std::size_t i) { return after(i == 1 ? 1h : about_ten()); };
  const auto calls = run(*picker, 5s, 2ms, one_hangs);
  EXPECT_LT(calls[1], 10);
}

TEST_F(PeakEwma, ANewOneIsAskedOnceAndThenByMerit) {
  run(*picker, 5s, 2ms, even);
  stats(4).restart();
  int first_calls = 0;
  run(*picker, 40ms, 2ms, [&](std::size_t i) {
    first_calls += i == 4;
    return after(i == 4 ? 1s : 10ms);
  });
  EXPECT_EQ(first_calls, 1);
}

TEST_F(PeakEwma, WhoWasNotAskedForThreeSecondsIsAskedOnce) {
  const auto one_is_bad = [](std::size_t i) { return after(i == 0 ? 10s : 1ms); };
  run(*picker, 30s, 5ms, one_is_bad);
  const auto calls = run(*picker, 26s, 5ms, one_is_bad);  // 10 s each, and 3 s between
  EXPECT_GE(calls[0], 1);
  EXPECT_LE(calls[0], 3);
}

TEST_F(PeakEwma, AHeavierOneGetsMore) {
  all[0].weight = 300;
  picker = make_peak_ewma(kTwoChoicesSeed)->make_picker(all);
  // As fast however many there are: only weights and calls in flight differ.
  run(*picker, 1s, 500us, even);
  const auto calls = run(*picker, 10s, 500us, even);
  EXPECT_GT(part(calls, 0), 0.3);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_NEAR(part(calls, i), (1 - part(calls, 0)) / 4, 0.02);
}

}  // namespace
}  // namespace brontes
