#include <brontes/discovery/balancing/detail/static_stride.hpp>
#include <brontes/discovery/balancing/weighted.hpp>
#include <numeric>
#include <random>

#include "picker_world.hpp"

namespace brontes {
namespace {

using testing::PickerWorld;

std::vector<int> shares(const std::vector<double>& weights, int picks) {
  const PickerWorld world(weights);
  return world.shares(*make_weighted(7)->make_picker(world.all), picks);
}

TEST(Weighted, SharesAreInProportionToOnePercent) {
  const std::vector<double> weights{100, 300, 600, 50, 1};
  const auto share = shares(weights, 100'000);
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_NEAR(share[i], 100'000 * weights[i] / 1051, 1 + 1000 * weights[i] / 1051) << i;
}

// Any weights, from a seed: shares are as exact for a thousand endpoints of which one is a giant.
TEST(Weighted, SharesAreInProportionForAnyWeights) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
    std::mt19937 random(seed);
    std::vector<double> weights;
    for (int i = 0; i < 100; ++i) weights.push_back(std::pow(10, random() % 4000 / 1000.0));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    const auto share = shares(weights, 1'000'000);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double wanted = 1'000'000 * weights[i] / sum;
      EXPECT_NEAR(share[i], wanted, 2 + wanted / 100) << "seed " << seed << " endpoint " << i;
    }
  }
}

TEST(Weighted, NoTurnIsPassedOftenWhateverTheWeights) {
  std::vector<double> weights(10'000, 1);
  weights[5000] = 65'535;
  const StaticStride stride(weights);
  Turn turn;
  for (int i = 0; i < 100'000; ++i) stride.next(turn);
  EXPECT_LT(turn.take(), 120'000u);
}

TEST(Weighted, TurnsOfAHeavyOneAreSpread) {
  const PickerWorld world({100, 200, 100});
  const auto picker = make_weighted(0)->make_picker(world.all);
  for (int i = 0, in_a_row = 0; i < 1000; ++i) {
    in_a_row = picker->pick({}).endpoint == world.at(1) ? in_a_row + 1 : 0;
    EXPECT_LE(in_a_row, 3);
  }
}

TEST(Weighted, ZeroGetsCallsOnlyIfNobodyElseIsThere) {
  EXPECT_EQ(shares({0, 100, 0}, 100), (std::vector<int>{0, 100, 0}));
  const auto alike = shares({0, 0}, 100);
  EXPECT_NEAR(alike[0], 50, 1);
  const PickerWorld world({0, 100});
  const Endpoint* excluded[] = {world.at(1)};
  EXPECT_EQ(make_weighted(0)->make_picker(world.all)->pick({"/s/m", excluded}).endpoint,
            world.at(0));
}

TEST(Weighted, GoesOnWhereItWasWhenWeightsChange) {
  PickerWorld world(PickerWorld::alike(2));
  const auto policy = make_weighted(0);
  EXPECT_EQ(policy->make_picker(world.all)->pick({}).endpoint, world.at(0));
  EXPECT_EQ(policy->make_picker(world.all)->pick({}).endpoint, world.at(1));
}

}  // namespace
}  // namespace brontes
