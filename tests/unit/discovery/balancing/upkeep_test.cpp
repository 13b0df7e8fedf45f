// What keeps connections usable: health by grpc.health.v1, warm-up in turns, idle channels.
#include "load_balancer_world.hpp"

namespace brontes::testing {
namespace {

using Addresses = std::set<std::string>;

struct HealthScenario : LoadBalancerScenario {
  HealthScenario() { options.health_service = ""; }
  void begin(std::vector<std::string> addresses = {"a:1", "b:1", "c:1"}) {
    start();
    std::vector<InstancePtr> all;
    for (const auto& address : addresses) all.push_back(instance(address));
    resolve(all);
    for (const auto& address : addresses) report(address, Connectivity::kReady);
  }
  void say(const std::string& address, Health health) {
    transport->at(address).health(health);
    run();
  }
};

TEST_F(HealthScenario, WhoDoesNotServeGetsNoCallsUntilItDoes) {
  begin();
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
  say("a:1", Health::kNotServing);
  EXPECT_EQ(picked(), (Addresses{"b:1", "c:1"}));
  say("a:1", Health::kServing);
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
}

TEST_F(HealthScenario, AsksForTheServiceOnceForEachConnection) {
  options.health_service = "greeter.v1.Greeter";
  begin();
  EXPECT_EQ(transport->at("a:1").health_service, "greeter.v1.Greeter");
  EXPECT_EQ(transport->at("a:1").health_watches, 1);
  EXPECT_EQ(*transport->at("a:1").open_health_watches, 1);
}

TEST_F(HealthScenario, NobodyIsAskedUnlessItIsWanted) {
  options.health_service.reset();
  begin();
  EXPECT_EQ(transport->at("a:1").health_watches, 0);
}

TEST_F(HealthScenario, AServerWithoutHealthServes) {
  begin();
  say("a:1", Health::kUnsupported);
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
  EXPECT_EQ(*transport->at("a:1").open_health_watches, 0);
  advance(10min);
  EXPECT_EQ(transport->at("a:1").health_watches, 1);
}

TEST_F(HealthScenario, ABrokenWatchKeepsItsVerdictAndIsOpenedAgain) {
  begin();
  say("a:1", Health::kNotServing);
  say("a:1", Health::kBroken);
  EXPECT_EQ(picked(), (Addresses{"b:1", "c:1"}));
  advance(1s);
  EXPECT_EQ(transport->at("a:1").health_watches, 2);
  say("a:1", Health::kServing);
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
}

TEST_F(HealthScenario, AWatchThatBreaksAgainAndAgainIsOpenedLessAndLessOften) {
  begin();
  for (int i = 0; i < 3600; ++i) {
    if (*transport->at("a:1").open_health_watches > 0) say("a:1", Health::kBroken);
    advance(1s);
  }
  EXPECT_LT(transport->at("a:1").health_watches, 120);
  EXPECT_GT(transport->at("a:1").health_watches, 30);
}

TEST_F(HealthScenario, ANewConnectionIsAskedAnewAndServesMeanwhile) {
  begin();
  say("a:1", Health::kNotServing);
  const auto late = transport->at("a:1").health;
  report("a:1", Connectivity::kIdle);
  EXPECT_EQ(*transport->at("a:1").open_health_watches, 0);
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(transport->at("a:1").health_watches, 2);
  late(Health::kNotServing);  // of the watch before
  run();
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
}

TEST_F(HealthScenario, WhenLessThanHalfServeAllAreCalled) {
  begin();
  say("a:1", Health::kNotServing);
  say("b:1", Health::kNotServing);
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1", "c:1"}));
  say("b:1", Health::kServing);
  EXPECT_EQ(picked(), (Addresses{"b:1", "c:1"}));
}

TEST_F(HealthScenario, ARemovedEndpointIsNotWatchedAnyMore) {
  begin();
  const auto open = transport->at("a:1").open_health_watches;
  transport->connections.erase("a:1");
  resolve({instance("b:1"), instance("c:1")});
  advance(2s);
  EXPECT_EQ(*open, 0);
}

struct WarmUpScenario : LoadBalancerScenario {
  void begin(int count) {
    start();
    std::vector<InstancePtr> many;
    for (int i = 0; i < count; ++i) many.push_back(instance("h" + std::to_string(i) + ":1"));
    resolve(std::move(many));
  }
  std::size_t dialled() const { return transport->connections.size(); }
  /// Those who are being dialled answer.
  void answer() {
    const auto connections = transport->connections;
    for (const auto& [address, connection] : connections)
      if (answered_.insert(address).second) report(address, Connectivity::kReady);
  }

 private:
  std::set<std::string> answered_;
};

TEST_F(WarmUpScenario, ConnectsToThirtyTwoAtOnceAndThenFiftyASecond) {
  begin(200);
  EXPECT_EQ(dialled(), 32u);
  advance(1s);
  EXPECT_EQ(dialled(), 32u);  // none has answered
  answer();
  EXPECT_EQ(dialled(), 64u);  // what a second has brought, and no more than are made at once
  for (int i = 0; i < 50; ++i) {
    answer();
    advance(20ms);
  }
  EXPECT_EQ(dialled(), 114u);
}

TEST_F(WarmUpScenario, CallsGoToThoseWhoAreThereMeanwhile) {
  begin(200);
  const std::string first = transport->connections.begin()->first;
  report(first, Connectivity::kReady);
  EXPECT_EQ(picked(), Addresses{first});
}

TEST_F(WarmUpScenario, InTheEndAllAreConnected) {
  begin(500);
  for (int i = 0; i < 1000; ++i) {
    answer();
    advance(20ms);
  }
  EXPECT_EQ(published->get()->size(), 500u);
}

struct IdleScenario : LoadBalancerScenario {
  IdleScenario() { options.load = std::make_shared<ChannelLoad>(system().clock()); }
  void begin() {
    start();
    resolve({instance("a:1"), instance("b:1")});
    report("a:1", Connectivity::kReady);
    report("b:1", Connectivity::kReady);
    first_ = transport->connections["a:1"];
    transport->connections.clear();
  }
  void make_call() {
    auto& stats = *published->get()->candidates().at(0).endpoint->shared_stats();
    stats.end(stats.begin(), Errc::kOk);
  }
  /// What the test itself holds is not looked at.
  bool is_connected() {
    const std::weak_ptr<Connection> connection = first_;
    first_.reset();
    const bool connected = !connection.expired();
    first_ = connection.lock();
    return connected;
  }
  std::shared_ptr<Connection> first_;
};

TEST_F(IdleScenario, AfterHalfAnHourWithoutACallConnectionsAreClosed) {
  begin();
  advance(30min - 1s);
  EXPECT_TRUE(is_connected());
  EXPECT_EQ(picked(), (Addresses{"a:1", "b:1"}));
  advance(2s);
  EXPECT_FALSE(is_connected());
  EXPECT_TRUE(picked().empty());
}

TEST_F(IdleScenario, ACallKeepsThemOpen) {
  begin();
  advance(20min);
  make_call();
  advance(20min);
  EXPECT_TRUE(is_connected());
}

TEST_F(IdleScenario, ACallInFlightKeepsThemOpen) {
  begin();
  auto& stats = *published->get()->candidates().at(0).endpoint->shared_stats();
  const auto ticket = stats.begin();
  advance(2h);
  EXPECT_TRUE(is_connected());
  stats.end(ticket, Errc::kOk);
}

TEST_F(IdleScenario, TheNextPickMakesThemAgain) {
  begin();
  advance(31min);
  EXPECT_TRUE(transport->connections.empty());
  const auto idle = published->get();
  EXPECT_EQ(idle->pick({}).why, NoPick::kNotReady);
  EXPECT_EQ(idle->pick({}).why, NoPick::kNotReady);
  run();
  EXPECT_EQ(transport->at("a:1").connects, 1);
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(picked(), Addresses{"a:1"});
}

TEST_F(IdleScenario, ACallThatWaitsMakesThemAgainAndGoesOn) {
  begin();
  advance(31min);
  const auto waiter = wait(0s, 10s);
  report("b:1", Connectivity::kReady);
  EXPECT_EQ(waiter->resumed, 1);
}

TEST_F(IdleScenario, WhoJoinsAnIdleChannelIsNotConnectedYet) {
  begin();
  advance(31min);
  resolve({instance("a:1"), instance("c:1")});
  EXPECT_TRUE(transport->connections.empty());
  (void)published->get()->pick({});
  run();
  EXPECT_EQ(transport->connections.size(), 2u);
}

}  // namespace
}  // namespace brontes::testing
