// The scenario of server_killed.yaml in C++, for what a file cannot say.
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/testkit/world.hpp>

namespace {

using namespace std::chrono_literals;

// [scenario]
TEST(Shop, LosesNoCallWhenAServerDies) {
  brontes::World world({.seed = 7});
  const auto latency = brontes::Latency::between(5ms, 15ms);
  for (const char* name : {"a", "b", "c"}) world.serve(name, {.behaviour = {.latency = latency}});
  const brontes::Caller& shop = world.call("shop", {.rate = 200});
  world.advance(5s);

  world.peer("c").crash();
  const brontes::TimePoint died = world.now();
  world.advance(20s);
  EXPECT_EQ(shop.tally().failed, 0u);
  EXPECT_EQ(shop.tally(died + 10ms).attempts_to["c"], 0u);
  EXPECT_EQ(world.registered(), 2u);
}
// [scenario]

}  // namespace
