// What endpoints weigh by load and age, and what picks make of it.
#include <brontes/discovery/balancing/detail/endpoint_weights.hpp>
#include <brontes/discovery/balancing/least_request.hpp>
#include <brontes/discovery/balancing/load_report.hpp>
#include <brontes/discovery/balancing/peak_ewma.hpp>
#include <brontes/discovery/balancing/weighted.hpp>
#include <numeric>

#include "picker_world.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::PickerWorld;

struct LoadWeights : ::testing::Test, PickerWorld {
  LoadWeights() : PickerWorld(alike(4)) { loads.assign(4, 0.2); }
  /// Every second each server answers a call in 10 ms, tells its load, and is weighed.
  void seconds(int count) {
    for (int second = 0; second < count; ++second) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto ticket = stats(i).begin();
        clock.time += 10ms;
        if (loads[i] >= 0) stats(i).report(static_cast<float>(loads[i]));
        stats(i).end(ticket, Errc::kOk);
      }
      clock.time += 960ms;
      weigh();
    }
  }
  void weigh() {
    weighed = all;
    weights.weigh(weighed, clock.time);
  }
  double weight(std::size_t number) const { return weighed[number].weight; }

  EndpointWeights weights{{.slow_start = {}, .by_load = true}};
  std::vector<double> loads;
  std::vector<Candidate> weighed;
};

// 0.6 (1 - cpu) + 0.4 / (1 + 10 ms / 100 ms), relative to the mean.
TEST_F(LoadWeights, FollowTheFormula) {
  loads = {0.9, 0.2, 0.2, 0.2};
  seconds(60);
  const double busy = 0.6 * 0.1 + 0.4 / 1.1, idle = 0.6 * 0.8 + 0.4 / 1.1;
  const double mean = (busy + 3 * idle) / 4;
  EXPECT_NEAR(weight(0), 100 * busy / mean, 1);
  EXPECT_NEAR(weight(1), 100 * idle / mean, 1);
}

TEST_F(LoadWeights, ABusyOneLosesItsShareSmoothlyAndWithoutSwinging) {
  seconds(30);
  loads[0] = 0.9;
  double before = weight(0);
  for (int i = 0; i < 30; ++i) {
    seconds(1);
    EXPECT_LE(weight(0), before + 1e-9);
    EXPECT_GE(weight(0), before * 0.75);
    before = weight(0);
  }
  EXPECT_LT(before, 65);
}

TEST_F(LoadWeights, AreEvenUntilReportsHaveComeForTenSeconds) {
  loads = {0.9, 0.2, 0.2, 0.2};
  seconds(10);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_DOUBLE_EQ(weight(i), 100) << i;
  seconds(5);
  EXPECT_LT(weight(0), 95);
}

TEST_F(LoadWeights, WhoReportsNothingWeighsTheMean) {
  loads = {0.9, 0.1, 0.5, -1};
  seconds(60);
  EXPECT_NEAR(weight(3), 100, 2);
}

TEST_F(LoadWeights, AnOldReportIsForgotten) {
  loads = {0.9, 0.2, 0.2, 0.2};
  seconds(60);
  loads[0] = -1;
  seconds(170);
  EXPECT_LT(weight(0), 65);
  seconds(60);
  EXPECT_NEAR(weight(0), 100, 2);
}

TEST_F(LoadWeights, NobodyWeighsLessThanATenthOfTheMean) {
  all[0].endpoint->shared_stats()->end(all[0].endpoint->shared_stats()->begin(), Errc::kOk);
  loads = {1, 0, 0, 0};
  for (int second = 0; second < 60; ++second) {  // and answers slowly
    const auto ticket = stats(0).begin();
    clock.time += 100s;
    stats(0).end(ticket, Errc::kOk);
    seconds(1);
  }
  EXPECT_GE(weight(0), 9.9);
  EXPECT_LE(weight(0), 15);
}

TEST(LoadReport, IsReadAsItIsWritten) {
  const auto read = read_load_report(to_bytes({.cpu = 0.75}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cpu, 0.75);
}

TEST(LoadReport, IsAnOrcaLoadReport) {
  // cpu_utilization = 0.5 (field 1, double).
  EXPECT_EQ(to_bytes({.cpu = 0.5}), std::string("\x09\0\0\0\0\0\0\xe0\x3f", 9));
  // cpu 0.5, mem (2) 0.9, rps_fractional (6) 100, application_utilization (9) 0.25.
  const std::string other(
      "\x09\0\0\0\0\0\0\xe0\x3f"
      "\x11\xcd\xcc\xcc\xcc\xcc\xcc\xec\x3f"
      "\x31\0\0\0\0\0\0\x59\x40"
      "\x49\0\0\0\0\0\0\xd0\x3f",
      36);
  EXPECT_EQ(read_load_report(other)->cpu, 0.25);
}

TEST(LoadReport, WhatIsNoneIsNone) {
  EXPECT_FALSE(read_load_report(""));
  EXPECT_FALSE(read_load_report("\x09"));
  EXPECT_FALSE(read_load_report(std::string("\x09\0\0\0\0\0\0\xf8\x7f", 9)));  // not a number
  EXPECT_FALSE(read_load_report(to_bytes({.cpu = -1})));
  EXPECT_EQ(read_load_report(to_bytes({.cpu = 7}))->cpu, 1);
}

// A tenth of the way warm: a tenth of the calls of the others, by every policy that looks at
// weights.
struct YoungOne : ::testing::TestWithParam<double> {};

TEST_P(YoungOne, GetsItsPartOfTheCalls) {
  PickerWorld world(PickerWorld::alike(10));
  world.all[3].warmth = GetParam();
  for (auto* make : {+[] { return make_weighted(1); }, +[] { return make_least_request(1); },
                     +[] { return make_peak_ewma(1); }}) {
    const auto policy = make();
    const auto share = world.shares(*policy->make_picker(world.all), 100'000);
    EXPECT_NEAR(share[3] / (share[0] + 0.0), GetParam(), 0.1 * GetParam() + 0.01) << policy->name();
  }
}

INSTANTIATE_TEST_SUITE_P(Warmth, YoungOne, ::testing::Values(0.1, 0.5, 0.9),
                         [](const auto& info) { return std::to_string(int(info.param * 100)); });

}  // namespace
}  // namespace brontes
