#include <gtest/gtest.h>

#include <brontes/discovery/selector.hpp>
#include <future>
#include <map>
#include <set>
#include <string>

namespace brontes {
namespace {

using namespace std::chrono_literals;

Instance instance_of(const std::string& id, const std::string& version = "v1") {
  Instance result;
  result.name = "svc";
  result.version = version;
  result.instance_id = id;
  result.address = "127.0.0.1:80";
  return result;
}

std::vector<InstancePtr> instances(const std::map<std::string, std::uint32_t>& weights) {
  std::vector<InstancePtr> result;
  for (const auto& [id, weight] : weights) {
    Instance each = instance_of(id);
    each.weight = weight;
    result.push_back(std::make_shared<const Instance>(each));
  }
  return result;
}

std::map<std::string, int> strategy_shares(const Strategy& strategy,
                                           const std::vector<InstancePtr>& all, int count) {
  std::map<std::string, int> result;
  for (int i = 0; i < count; ++i) ++result[strategy(all)->instance_id];
  return result;
}

TEST(Strategy, RoundRobinGivesEachItsTurnOfItsOwn) {
  const auto all = instances({{"a", 1}, {"b", 1}});
  const Strategy one = round_robin(), two = round_robin();
  // Two services in alternation do not pin each other, as with one counter for all.
  for (const char* expected : {"a", "b", "a", "b"}) {
    EXPECT_EQ(one(all)->instance_id, expected);
    EXPECT_EQ(two(all)->instance_id, expected);
  }
}

TEST(Strategy, RandomChoiceIsEvenAndFollowsItsSeed) {
  const auto all = instances({{"a", 1}, {"b", 9}, {"c", 1}, {"d", 1}});
  const auto first = strategy_shares(random_choice(7), all, 4000);
  EXPECT_EQ(first, strategy_shares(random_choice(7), all, 4000));
  EXPECT_NE(first, strategy_shares(random_choice(8), all, 4000));
  for (const auto& [id, count] : first) EXPECT_NEAR(count, 1000, 120) << id;
}

TEST(Strategy, WeightedChoiceIsInProportion) {
  const auto all = instances({{"a", 100}, {"b", 300}, {"c", 600}});
  const auto share = strategy_shares(weighted_choice(7), all, 10'000);
  EXPECT_NEAR(share.at("a"), 1000, 120);
  EXPECT_NEAR(share.at("b"), 3000, 180);
  EXPECT_NEAR(share.at("c"), 6000, 200);
}

struct SelectorTest : ::testing::Test {
  /// Until it is registered, or the test hangs.
  Announcement announce(Instance what) {
    auto registered = std::make_shared<std::promise<void>>();
    AnnounceOptions options;
    options.on_event = [registered](const AnnouncementEvent& event) {
      if (event.type == AnnouncementEvent::Type::kRegistered) registered->set_value();
    };
    auto made = discovery.announce(std::move(what), std::move(options));
    EXPECT_TRUE(made) << made.error();
    registered->get_future().wait();
    return std::move(*made);
  }
  System system{{.threads = 2}};
  Discovery discovery{system};
};

TEST_F(SelectorTest, ChoosesFromWhatIsKnownWhenItOpens) {
  const auto a = announce(instance_of("a")), b = announce(instance_of("b"));
  const auto other = announce(instance_of("c", "v2"));
  const auto selector = Selector::open(discovery, "discovery:///svc/v1");
  ASSERT_TRUE(selector) << selector.error();
  std::set<std::string> chosen;
  for (int i = 0; i < 4; ++i) chosen.insert((*selector->next())->instance_id);
  EXPECT_EQ(chosen, (std::set<std::string>{"a", "b"}));
}

TEST_F(SelectorTest, NobodyIsAnErrorAndNeverNull) {
  const auto selector = Selector::open(discovery, "discovery:///svc");
  ASSERT_TRUE(selector);
  const auto none = selector->next();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().to_string(),
            "NOT_FOUND: choose an instance of discovery:///svc: none is registered");
}

TEST_F(SelectorTest, AStrategyThatWantsNoneIsAnError) {
  const auto a = announce(instance_of("a"));
  const auto selector = Selector::open(discovery, "discovery:///svc",
                                       [](const auto&) -> InstancePtr { return nullptr; });
  ASSERT_TRUE(selector);
  EXPECT_EQ(selector->next().error().message(),
            "choose an instance of discovery:///svc: the strategy wants none of 1");
}

TEST_F(SelectorTest, DrainedInstancesAreNotChosen) {
  auto a = announce(instance_of("a"));
  EXPECT_TRUE(a.drain().get().ok());
  const auto selector = Selector::open(discovery, "discovery:///svc");
  ASSERT_TRUE(selector);
  EXPECT_EQ(selector->next().error().message(),
            "choose an instance of discovery:///svc: all that are registered drain");
}

TEST_F(SelectorTest, ATargetThatCannotBeIsRefused) {
  EXPECT_EQ(Selector::open(discovery, "discovery:///").error().code(), Errc::kInvalidArgument);
}

}  // namespace
}  // namespace brontes
