#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/discovery/balancing/prefer.hpp>

#include "picker_world.hpp"

namespace brontes {
namespace {

using testing::PickerWorld;

// Ten endpoints, of which the first two are the canary.
struct PreferTest : ::testing::Test, PickerWorld {
  PreferTest() : PickerWorld(alike(10)) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto instance = std::make_shared<Instance>();
      instance->version = i < 2 ? "v2" : "v1";
      instance->tags["zone"] = i % 2 ? "a" : "b";
      instance->metadata["build"] = "7";
      all[i].instance = instance;
    }
  }
  std::shared_ptr<const Picker> picker(double percent, const std::string& prefer = "version=v2",
                                       const std::string& policy = "round_robin") {
    auto made = make_policy(
        {.policy = policy, .bounded_load = 0, .prefer = prefer, .prefer_percent = percent}, 5);
    EXPECT_TRUE(made) << made.error();
    return (*made)->make_picker(all);
  }
  int to_canary(const Picker& from, int picks, const PickArgs& args = {}) {
    const auto share = shares(from, picks, args);
    return share[0] + share[1];
  }
};

TEST_F(PreferTest, ACanaryGetsItsPartAndTheRestTheRest) {
  const auto share = shares(*picker(5), 100'000);
  EXPECT_NEAR(share[0] + share[1], 5000, 250);
  EXPECT_NEAR(share[0], share[1], 1);
  for (std::size_t i = 2; i < 10; ++i) EXPECT_NEAR(share[i], 95'000 / 8, 100);
}

TEST_F(PreferTest, AllCallsGoToThoseThatMatchUnlessAPercentageIsGiven) {
  EXPECT_EQ(to_canary(*picker(100), 1000), 1000);
  EXPECT_EQ(to_canary(*picker(0), 1000), 0);
}

TEST_F(PreferTest, ConditionsGoTogether) {
  const auto share = shares(*picker(100, "version=v2, tags.zone=a,metadata.build=7"), 100);
  EXPECT_EQ(share[1], 100);
}

TEST_F(PreferTest, ASideWithoutEndpointsLeavesItsCallsToTheOther) {
  EXPECT_EQ(to_canary(*picker(50, "version=v3"), 1000), 200);  // turns of all ten
  all.resize(2);
  EXPECT_EQ(to_canary(*picker(5), 1000), 1000);
}

TEST_F(PreferTest, ASideThatWasTriedLeavesItsCallsToTheOther) {
  const Endpoint* tried[] = {at(0), at(1)};
  EXPECT_EQ(to_canary(*picker(100), 1000, {"/s/m", tried}), 0);
  const auto left = picker(100)->pick({"/s/m", tried});
  EXPECT_NE(left.endpoint, nullptr);
}

TEST_F(PreferTest, AKeyIsOnTheSameSideEachTimeAndStaysThereWhenThePartGrows) {
  const auto five = picker(5), twenty = picker(20);
  int in_five = 0, in_twenty = 0;
  for (int i = 0; i < 10'000; ++i) {
    const PickArgs args{"/s/m", {}, key_hash("user-" + std::to_string(i))};
    const bool small = to_canary(*five, 3, args) == 3;
    EXPECT_TRUE(small || to_canary(*five, 3, args) == 0);
    const bool large = to_canary(*twenty, 1, args) == 1;
    EXPECT_TRUE(large || !small) << i;
    in_five += small;
    in_twenty += large;
  }
  EXPECT_NEAR(in_five, 500, 70);
  EXPECT_NEAR(in_twenty, 2000, 130);
}

TEST_F(PreferTest, ASideOfARingHasKeysOfAllTheRing) {
  const auto from = picker(20, "version=v2", "ring_hash");
  std::vector<int> share(10);
  for (int i = 0; i < 20'000; ++i)
    ++share[number(from->pick({"/s/m", {}, key_hash(std::to_string(i))}).endpoint)];
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(share[i], 2000, 600) << i;
}

TEST_F(PreferTest, ItsCandidatesAreThoseOfBothSides) { EXPECT_EQ(picker(5)->size(), 10u); }

TEST(Preference, WhatIsNoConditionIsRefused) {
  for (const char* bad : {"", "v2", "version=", "zone=a", "tags.=a", "version=v1,version=v2",
                          "version=v2,", "tags.a=1, tags.a=2"})
    EXPECT_FALSE(parse_preference(bad)) << bad;
  const auto why = check({.prefer = "zone=a"});
  EXPECT_EQ(
      why.message(),
      "prefer: 'zone=a' is none of version=V, tags.KEY=VALUE and metadata.KEY=VALUE, each once");
  EXPECT_EQ(check(BalancingOptions{.prefer_percent = 101}).message(),
            "prefer_percent: is out of range, 0 to 100");
  EXPECT_EQ(check(BalancingOptions{.bounded_load = 0.5}).message(),
            "bounded_load: is neither 0 nor from 1 to 100");
  EXPECT_EQ(check(BalancingOptions{.key = "x-user"})
                .message()
                .find("key: 'x-user' is neither header:NAME"),
            0u);
}

}  // namespace
}  // namespace brontes
