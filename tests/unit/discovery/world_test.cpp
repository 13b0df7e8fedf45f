// What the world of docs/scenarios.md promises: real discovery and channels over scripted servers,
// the same each time.
#include <algorithm>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/testkit/world.hpp>
#include <set>

namespace brontes {
namespace {

using namespace std::chrono_literals;

void serve(World& world, std::initializer_list<const char*> names, Latency latency) {
  for (const char* name : names) world.serve(name, {.behaviour = {.latency = latency}});
}

CallerOptions with_policy(const std::string& policy, double rate) {
  CallerOptions options;
  options.rate = rate;
  options.channel.balancing = BalancingOptions{.policy = policy};
  return options;
}

// Every fault in a second or two: what comes out is a hash of some hundred lines.
std::string eventful_run(std::uint64_t seed, int max_attempts = 3) {
  World world({.seed = seed, .ttl = 6s});
  serve(world, {"a", "b", "c"}, Latency::between(2ms, 30ms));
  CallerOptions options;
  options.rate = 100;
  options.channel.retry.max_attempts = max_attempts;
  world.call("shop", options);
  world.advance(500ms);
  world.peer("c").become({.latency = Latency::between(1ms, 2ms), .errors = 0.5});
  world.peer("a").crash();
  world.advance(500ms);
  world.expire_leases({"b"});
  world.compact_registry();
  world.advance(500ms);
  return world.log().hash();
}

TEST(World, LosesNoCallWhenAServerDies) {
  World world({.seed = 7});
  serve(world, {"a", "b", "c"}, Latency::between(5ms, 15ms));
  const Caller& shop = world.call("shop", {.rate = 200});
  world.advance(5s);
  world.peer("c").crash();
  const TimePoint died = world.now();
  world.advance(5s);
  EXPECT_EQ(shop.tally().failed, 0u);
  EXPECT_GT(shop.tally().attempts_to["c"], 200u) << "it was called before";
  EXPECT_EQ(shop.tally(died + 10ms).attempts_to["c"], 0u);
  EXPECT_EQ(world.registered(), 3u) << "the lease has not lapsed yet";
  world.advance(10s);
  EXPECT_EQ(world.registered(), 2u);
}

TEST(World, HedgesOfAServerThatHangsStayFewAndLoseNoCall) {
  World world({.seed = 5});
  serve(world, {"a", "b", "c"}, Latency::between(8ms, 12ms));
  CallerOptions options;
  options.rate = 300;
  options.channel.methods["*"] = MethodPolicy{.idempotent = true, .hedging = HedgingPolicy{}};
  const Caller& shop = world.call("shop", options);
  world.advance(5s);
  world.peer("c").become({.hangs = 1});
  const TimePoint hung = world.now();
  world.advance(20s);
  EXPECT_EQ(shop.tally().failed, 0u);
  EXPECT_LE(shop.tally(hung).attempts_to["c"], 25u) << "until it is known, then one every 3 s";
}

TEST(World, SpreadsCallsAsThePolicySays) {
  World world;
  serve(world, {"a", "b", "c", "d"}, Latency::exactly(5ms));
  const Caller& shop = world.call("shop", with_policy("round_robin", 1000));
  world.advance(4s);
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_NEAR(shop.tally().share(name), 0.25, 0.01);
}

TEST(World, CountsWhatServersReceived) {
  World world;
  serve(world, {"a", "b"}, Latency::exactly(5ms));
  const Caller& shop = world.call("shop", {.rate = 100});
  world.advance(2s);
  const Tally tally = shop.tally();
  EXPECT_EQ(world.peer("a").received() + world.peer("b").received(), tally.attempts);
  EXPECT_EQ(tally.calls, 201u) << "one at the beginning, then one each 10 ms";
}

TEST(World, AnswersAfterTheLatencyOfItsDistribution) {
  World world;
  serve(world, {"a"}, {10ms, 20ms, 80ms, 100ms});
  const Caller& shop = world.call("shop", {.rate = 500});
  world.advance(1s);
  const TimePoint warm = world.now();
  world.advance(20s);
  const Tally tally = shop.tally(warm);
  EXPECT_GE(tally.p50, 19ms);
  EXPECT_LE(tally.p50, 21ms);
  EXPECT_GE(tally.p99, 75ms);
  EXPECT_LE(tally.p99, 85ms);
  EXPECT_LE(tally.most, 100ms);
}

TEST(World, AHangingServerCostsItsCallersTheirTimeout) {
  World world;
  world.serve("a", {.behaviour = {.hangs = 1}});
  const Caller& shop = world.call("shop", {.rate = 10, .timeout = 300ms});
  world.advance(2s);
  EXPECT_EQ(shop.tally().ok, 0u);
  EXPECT_GT(shop.tally().errors[Errc::kDeadlineExceeded], 10u);
}

TEST(World, WorkersBoundWhatAServerDoes) {
  World world;
  world.serve("a", {.behaviour = {.latency = Latency::exactly(100ms), .workers = 2, .queue = 1}});
  CallerOptions options{.rate = 100};
  options.channel.retry = RetryPolicy::none();
  const Caller& shop = world.call("shop", options);
  world.advance(1s);
  const TimePoint warm = world.now();
  world.advance(10s);
  const Tally tally = shop.tally(warm);
  EXPECT_NEAR(static_cast<double>(tally.ok), 200, 3) << "2 workers, 100 ms a call";
  EXPECT_GT(tally.errors.at(Errc::kResourceExhausted), 700u);
}

TEST(World, ACallerThatIsCutOffFromTheRegistryGoesOnCalling) {
  World world({.ttl = 6s});
  serve(world, {"a", "b"}, Latency::exactly(5ms));
  Caller& shop = world.call("shop", {.rate = 50});
  world.advance(2s);
  shop.cut(false, true);
  world.advance(60s);
  EXPECT_EQ(shop.snapshot()->status, SnapshotStatus::kStale);
  EXPECT_EQ(shop.tally().failed, 0u);
  world.serve("c");
  shop.cut(false, false);
  world.advance(10s);
  EXPECT_EQ(shop.snapshot()->status, SnapshotStatus::kLive);
  EXPECT_EQ(shop.endpoints(), 3u);
}

TEST(World, APausedServerLosesItsLeaseAndComesBackWithIt) {
  World world({.ttl = 6s});
  serve(world, {"a", "b"}, Latency::exactly(5ms));
  world.advance(1s);
  world.peer("a").pause();
  world.advance(8s);
  EXPECT_EQ(world.registered(), 1u);
  world.peer("a").start();
  world.advance(4s);
  EXPECT_EQ(world.registered(), 2u);
}

TEST(World, ABreakerSparesTheServersOfItsCaller) {
  World world;
  Peer& only = world.serve("a", {.behaviour = {.errors = 1, .code = Errc::kInternal}});
  const Caller& shop = world.call("shop", {.rate = 100, .breaker = BreakerOptions::gobreaker()});
  world.advance(10s);
  EXPECT_EQ(shop.breaker(), BreakerState::kOpen);
  EXPECT_LE(only.received(), 8u) << "six failures, and what was on its way";
  only.become({});
  world.advance(60s);
  EXPECT_EQ(shop.breaker(), BreakerState::kClosed);
}

TEST(World, AServerThatLeavesIsDrainedFirst) {
  World world;
  serve(world, {"a", "b"}, Latency::exactly(20ms));
  const Caller& shop = world.call("shop", {.rate = 100});
  world.advance(2s);
  world.peer("b").leave();
  const TimePoint left = world.now();
  world.advance(5s);
  EXPECT_EQ(world.peer("b").state(), PeerState::kAbsent);
  EXPECT_EQ(shop.tally().failed, 0u);
  EXPECT_EQ(shop.tally(left + 100ms).attempts_to["b"], 0u);
}

TEST(World, GivesUpAConnectionWhosePingsAreNotAnswered) {
  World world;
  serve(world, {"a", "b"}, Latency::exactly(5ms));
  world.call("shop", {.rate = 10});
  world.advance(2s);
  world.peer("a").cut(true, false);
  const auto given_up = [&] {
    const auto& lines = world.log().lines();
    return std::count(lines.begin(), lines.end(), "+42.000000s shop: a is idle");
  };
  world.advance(39s);
  EXPECT_EQ(given_up(), 0);
  world.advance(2s);
  EXPECT_EQ(given_up(), 1);
}

// A thousand of them: the test scenario_thousand_runs.
TEST(World, AllRunsOfASeedHaveOneLog) {
  std::set<std::string> hashes;
  for (int run = 0; run < 50; ++run) hashes.insert(eventful_run(7));
  EXPECT_EQ(hashes.size(), 1u);
}

TEST(World, AnotherSeedHasAnotherLog) { EXPECT_NE(eventful_run(7), eventful_run(8)); }

TEST(World, AnotherLimitHasAnotherLog) { EXPECT_NE(eventful_run(7, 3), eventful_run(7, 1)); }

TEST(EventLog, HashesItsLinesByFnv1a) {
  EventLog log;
  EXPECT_EQ(log.hash(), "cbf29ce484222325") << "of nothing";
  log.add(1234567890ns, "a");
  EXPECT_EQ(log.lines().back(), "+1.234567s a");
  EXPECT_EQ(log.count(), 1u);
  EXPECT_EQ(log.hash(), "43367a1ea027c2f6");
}

}  // namespace
}  // namespace brontes
