// What holds for every policy, and how they are chosen.
#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <numeric>
#include <set>

#include "picker_world.hpp"

namespace brontes {
namespace {

using testing::PickerWorld;

constexpr std::uint64_t kSeed = 20'240'607;

struct EveryPolicy : ::testing::TestWithParam<std::string> {
  std::shared_ptr<const Picker> picker(const PickerWorld& world) const {
    auto policy = make_policy({.policy = GetParam()}, kSeed);
    EXPECT_TRUE(policy) << policy.error();
    EXPECT_EQ((*policy)->name(), GetParam());
    return (*policy)->make_picker(world.all);
  }
};

TEST_P(EveryPolicy, SpreadsCallsOverEndpointsThatAreAlike) {
  const PickerWorld world(PickerWorld::alike(10));
  const int slack = GetParam() == "ring_hash" ? 300 : 150;  // calls without a key
  for (const int share : world.shares(*picker(world), 10'000)) EXPECT_NEAR(share, 1000, slack);
}

TEST_P(EveryPolicy, PicksTheSameOnesWithTheSameSeed) {
  const PickerWorld world(PickerWorld::alike(100));
  const auto one = picker(world), other = picker(world);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(one->pick({}).endpoint, other->pick({}).endpoint);
}

TEST_P(EveryPolicy, PicksTheOnlyOne) {
  const PickerWorld world({100});
  for (const auto& only = picker(world); int i : {1, 2, 3})
    EXPECT_EQ(only->pick({}).endpoint, world.at(0)) << i;
}

TEST_P(EveryPolicy, PicksAmongTwo) {
  const PickerWorld world(PickerWorld::alike(2));
  for (const int share : world.shares(*picker(world), 1000)) EXPECT_NEAR(share, 500, 60);
}

TEST_P(EveryPolicy, NeverPicksAnExcludedOneAndSharesItsPart) {
  const PickerWorld world(PickerWorld::alike(4));
  const Endpoint* excluded[] = {world.at(1)};
  const auto share = world.shares(*picker(world), 3000, {"/s/m", excluded});
  EXPECT_EQ(share[1], 0);
  EXPECT_EQ(std::accumulate(share.begin(), share.end(), 0), 3000);
  for (const int other : {0, 2, 3}) EXPECT_GT(share[other], 500);
}

TEST_P(EveryPolicy, PicksTheOneThatIsLeft) {
  const PickerWorld world(PickerWorld::alike(50));
  std::vector<const Endpoint*> excluded;
  for (std::size_t i = 0; i < 49; ++i) excluded.push_back(world.at(i));
  const auto made = picker(world);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(made->pick({"/s/m", excluded}).endpoint, world.at(49));
}

TEST_P(EveryPolicy, SaysWhenAllAreExcluded) {
  const PickerWorld world(PickerWorld::alike(2));
  const Endpoint* excluded[] = {world.at(0), world.at(1)};
  const PickResult result = picker(world)->pick({"/s/m", excluded});
  EXPECT_EQ(result.endpoint, nullptr);
  EXPECT_EQ(result.why, NoPick::kAllExcluded);
}

INSTANTIATE_TEST_SUITE_P(, EveryPolicy, ::testing::ValuesIn(policy_names()),
                         [](const auto& info) { return info.param; });

TEST(Policies, AnUnknownOneIsRefusedWithTheListOfThoseThereAre) {
  const auto made = make_policy({.policy = "best"}, 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(made.error().message().find("policy: 'best' is none of least_request, "), 0u)
      << made.error();
}

TEST(Policies, ABoundThatCannotBeIsRefusedByName) {
  const auto why = [](const BalancingOptions& options) { return check(options).message(); };
  EXPECT_EQ(why({.choices = 1}), "choices: 1 is out of range, 2 to 10");
  EXPECT_EQ(why({.decay = Duration(-1)}), "decay: is out of range, 1ms to 1h");
  EXPECT_EQ(why({}), "");
}

TEST(Policies, AreChosenByTheOptionsOfAChannel) {
  // [options]
  ChannelOptions options;
  options.balancing = BalancingOptions{.policy = "least_request", .choices = 3};
  // [/options]
  EXPECT_TRUE(check(*options.balancing).ok());
}

TEST(Policies, OnesOwnIsChosenByNameAndNamesAreTakenOnce) {
  struct First final : Picker {
    explicit First(std::vector<Candidate> candidates) : Picker(std::move(candidates)) {}
    PickResult pick(const PickArgs&) const noexcept override {
      return {candidates().front().endpoint.get()};
    }
  };
  const PolicyFactory make = [](const BalancingOptions&, std::uint64_t) {
    return policy_of<First>("first");
  };
  ASSERT_TRUE(register_policy("first", make).ok());
  EXPECT_EQ(register_policy("first", make).code(), Errc::kAlreadyExists);
  EXPECT_EQ(register_policy("random", make).code(), Errc::kAlreadyExists);
  const PickerWorld world(PickerWorld::alike(3));
  const auto made = make_policy({.policy = "first"}, kSeed);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->make_picker(world.all)->pick({}).endpoint, world.at(0));
}

}  // namespace
}  // namespace brontes
