#include <gtest/gtest.h>

#include <brontes/discovery/balancing/round_robin.hpp>
#include <limits>
#include <map>

#include "../fake_transport.hpp"

namespace brontes {
namespace {

std::vector<Candidate> candidates(int count) {
  std::vector<Candidate> all;
  for (int i = 0; i < count; ++i)
    all.push_back({std::make_shared<Endpoint>("10.0.0." + std::to_string(i) + ":80"),
                   std::make_shared<Instance>()});
  return all;
}

std::map<const Endpoint*, int> shares(const Picker& picker, int picks, const PickArgs& args = {}) {
  std::map<const Endpoint*, int> share;
  for (int i = 0; i < picks; ++i) ++share[picker.pick(args).endpoint];
  return share;
}

TEST(RoundRobin, GivesEveryEndpointTheSameShare) {
  const auto all = candidates(7);
  const auto picker = make_round_robin(3)->make_picker(all);
  const auto share = shares(*picker, 700);
  for (const auto& candidate : all) EXPECT_EQ(share.at(candidate.endpoint.get()), 100);
}

TEST(RoundRobin, NeverPicksAnExcludedEndpoint) {
  const auto all = candidates(3);
  const auto picker = make_round_robin(0)->make_picker(all);
  const Endpoint* excluded[] = {all[1].endpoint.get()};
  const auto share = shares(*picker, 30, {"/s/m", excluded});
  EXPECT_FALSE(share.contains(all[1].endpoint.get()));
  EXPECT_EQ(share.size(), 2u);
}

TEST(RoundRobin, SaysWhenAllAreExcluded) {
  const auto all = candidates(2);
  const auto picker = make_round_robin(0)->make_picker(all);
  const Endpoint* excluded[] = {all[0].endpoint.get(), all[1].endpoint.get()};
  const PickResult result = picker->pick({"/s/m", excluded});
  EXPECT_EQ(result.endpoint, nullptr);
  EXPECT_EQ(result.why, NoPick::kAllExcluded);
}

TEST(RoundRobin, StartsWhereItIsTold) {
  const auto all = candidates(4);
  for (std::uint32_t start = 0; start < 4; ++start)
    EXPECT_EQ(make_round_robin(start)->make_picker(all)->pick({}).endpoint,
              all[start].endpoint.get());
}

TEST(RoundRobin, GoesOnWhereItWasWhenTheSetChanges) {
  const auto all = candidates(3);
  const auto policy = make_round_robin(0);
  policy->make_picker(all)->pick({});
  EXPECT_EQ(policy->make_picker(all)->pick({}).endpoint, all[1].endpoint.get());
}

TEST(RoundRobin, SurvivesTheEndOfItsCounter) {
  const auto picker =
      make_round_robin(std::numeric_limits<std::uint32_t>::max())->make_picker(candidates(3));
  for (int i = 0; i < 6; ++i) EXPECT_NE(picker->pick({}).endpoint, nullptr);
}

/// A ring of endpoints of which some have died since the picker was made.
struct DyingRing : ::testing::Test {
  DyingRing() {
    for (const auto& candidate : all) {
      connections.push_back(std::make_shared<testing::FakeConnection>(ConnectionOptions()));
      candidate.endpoint->adopt(connections.back());
    }
  }
  void kill(std::size_t from, std::size_t to) {
    for (; from < to; ++from) connections[from]->is_up = false;
  }
  const Endpoint* at(std::size_t number) const { return all[number].endpoint.get(); }

  const std::vector<Candidate> all = candidates(42);
  std::vector<std::shared_ptr<testing::FakeConnection>> connections;
};

TEST_F(DyingRing, APickPassesAnyNumberOfDeadOnes) {
  kill(0, 41);
  for (std::uint32_t start = 0; start < 42; ++start)
    EXPECT_EQ(pick_ready(*make_round_robin(start)->make_picker(all), {}).endpoint, at(41)) << start;
}

TEST_F(DyingRing, APickGoesOnAtTheBeginningOfTheRing) {
  kill(1, 42);
  for (std::uint32_t start = 0; start < 42; ++start)
    EXPECT_EQ(pick_ready(*make_round_robin(start)->make_picker(all), {}).endpoint, at(0)) << start;
}

TEST_F(DyingRing, APickPassesNothingToAnExcludedOne) {
  kill(0, 40);
  const Endpoint* excluded[] = {at(40)};
  for (std::uint32_t start = 0; start < 42; ++start)
    EXPECT_EQ(pick_ready(*make_round_robin(start)->make_picker(all), {"/s/m", excluded}).endpoint,
              at(41));
}

TEST_F(DyingRing, ManyExcludedOnesAreNoObstacle) {
  kill(0, 2);
  std::vector<const Endpoint*> excluded;
  for (std::size_t number = 2; number < 41; ++number) excluded.push_back(at(number));
  EXPECT_EQ(pick_ready(*make_round_robin(0)->make_picker(all), {"/s/m", excluded}).endpoint,
            at(41));
}

TEST_F(DyingRing, WithAllOfThemDeadThePickIsTheFirst) {
  kill(0, 42);
  EXPECT_EQ(pick_ready(*make_round_robin(7)->make_picker(all), {}).endpoint, at(7));
}

TEST(EmptyPicker, PicksNothingAndSaysWhy) {
  const EmptyPicker picker("call greeter/v1: nobody is there");
  EXPECT_EQ(picker.pick({}).why, NoPick::kNotReady);
  EXPECT_EQ(picker.complaint(), "call greeter/v1: nobody is there");
}

}  // namespace
}  // namespace brontes
