// The load balancer under virtual time, over connections by script.
#include "load_balancer_world.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::LoadBalancerScenario;

TEST_F(LoadBalancerScenario, ConnectsBeforeUse) {
  start();
  resolve({instance("a:1"), instance("b:1")});
  EXPECT_EQ(transport->at("a:1").connects, 1);
  EXPECT_TRUE(picked().empty());
  report("a:1", Connectivity::kConnecting);
  EXPECT_TRUE(picked().empty());
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
  report("b:1", Connectivity::kReady);
  EXPECT_EQ(picked(), (std::set<std::string>{"a:1", "b:1"}));
}

TEST_F(LoadBalancerScenario, ALostConnectionIsNotPickedAndMadeAgain) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  report("a:1", Connectivity::kIdle);
  EXPECT_TRUE(picked().empty());
  EXPECT_EQ(transport->at("a:1").connects, 2);
}

TEST_F(LoadBalancerScenario, ADrainedInstanceIsNotPicked) {
  start();
  resolve({instance("a:1"), instance("b:1")});
  report("a:1", Connectivity::kReady);
  report("b:1", Connectivity::kReady);
  resolve({instance("a:1", "1", false), instance("b:1")});
  EXPECT_EQ(picked(), std::set<std::string>{"b:1"});
}

TEST_F(LoadBalancerScenario, WhoWeighsNothingIsPickedOnlyIfNobodyElseIsThere) {
  start();
  auto light = std::make_shared<Instance>(*instance("a:1"));
  light->weight = 0;
  resolve({light, instance("b:1")});
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
  report("b:1", Connectivity::kReady);
  EXPECT_EQ(picked(), std::set<std::string>{"b:1"});
}

TEST_F(LoadBalancerScenario, CandidatesWeighWhatTheirRecordsSay) {
  start();
  auto heavy = std::make_shared<Instance>(*instance("a:1"));
  heavy->weight = 250;
  resolve({heavy});
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(published->get()->candidates().at(0).weight, 250);
}

TEST_F(LoadBalancerScenario, ARemovedEndpointGetsNoCallsAndClosesWhenTheyHaveEnded) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  bool ended = false;
  published->get()->pick({}).endpoint->connection()->start_unary(
      {}, [&](const UnaryReply&) { ended = true; });
  const std::weak_ptr<Connection> connection = std::exchange(transport->connections["a:1"], {});
  const auto in_flight =
      std::static_pointer_cast<testing::FakeConnection>(connection.lock())->take();
  resolve({});
  EXPECT_TRUE(picked().empty());
  advance(5s);
  EXPECT_FALSE(connection.expired());
  in_flight(testing::good());
  advance(1s);
  EXPECT_TRUE(connection.expired());
  EXPECT_TRUE(ended);
}

TEST_F(LoadBalancerScenario, ARemovedEndpointClosesInTheEndEvenWithCalls) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  published->get()->pick({}).endpoint->connection()->start_unary({}, [](const UnaryReply&) {});
  resolve({});
  const std::weak_ptr<Connection> connection = std::exchange(transport->connections["a:1"], {});
  advance(31s);
  EXPECT_TRUE(connection.expired());
}

TEST_F(LoadBalancerScenario, AnEndpointThatComesBackInTimeKeepsItsConnection) {
  start();
  resolve({instance("a:1"), instance("b:1")});
  report("a:1", Connectivity::kReady);
  const auto before = transport->connections["a:1"];
  resolve({instance("b:1")});
  resolve({instance("a:1"), instance("b:1")});
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
  EXPECT_EQ(transport->connections["a:1"], before);
}

TEST_F(LoadBalancerScenario, AnEndpointThatLeftAndComesBackIsConnectedAgain) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  resolve({});
  report("a:1", Connectivity::kIdle);  // the server says goodbye after its record went
  EXPECT_EQ(transport->at("a:1").connects, 1);
  resolve({instance("a:1", "2")});
  EXPECT_EQ(transport->at("a:1").connects, 2);
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
}

TEST_F(LoadBalancerScenario, ANewIncarnationResetsTheBackoff) {
  start();
  resolve({instance("a:1", "1")});
  report("a:1", Connectivity::kFailing);
  resolve({instance("a:1", "1")});
  EXPECT_EQ(transport->at("a:1").resets, 0);
  resolve({instance("a:1", "2")});
  EXPECT_EQ(transport->at("a:1").resets, 1);
}

TEST_F(LoadBalancerScenario, ANewIncarnationBeginsItsCountsAnew) {
  start();
  resolve({instance("a:1", "1")});
  report("a:1", Connectivity::kReady);
  const auto picker = published->get();
  const CallStats& stats = picker->pick({}).endpoint->stats();
  transport->at("a:1").start_unary({}, [](const UnaryReply&) {});
  transport->at("a:1").take()(testing::cut_off());
  resolve({instance("a:1", "1")});
  EXPECT_EQ(stats.failed_in_a_row(), 1u);
  resolve({instance("a:1", "2")});
  EXPECT_EQ(stats.failed_in_a_row(), 0u);
}

TEST_F(LoadBalancerScenario, OfTwoRecordsForOneAddressTheNewerProcessCounts) {
  start();
  auto older = std::make_shared<Instance>(*instance("a:1", "1", false));
  older->instance_id = "old";
  resolve({older, instance("a:1", "2")});
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
}

TEST_F(LoadBalancerScenario, AStaleSnapshotStaysInUse) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  resolve({instance("a:1")}, SnapshotStatus::kStale);
  EXPECT_EQ(picked(), std::set<std::string>{"a:1"});
}

TEST_F(LoadBalancerScenario, WithNothingReadyItSaysWhatWasTried) {
  start();
  resolve({instance("a:1"), instance("b:1")}, SnapshotStatus::kStale);
  report("a:1", Connectivity::kFailing);
  report("b:1", Connectivity::kConnecting);
  const std::string text = published->get()->complaint();
  for (const char* part :
       {"greeter/v1", "memory:", "2 endpoints", "1 failing (a:1)", "1 connecting", "etcd is gone"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

TEST_F(LoadBalancerScenario, PassesConnectionsThatEndedBeforeItHeardOfIt) {
  start();
  resolve({instance("a:1"), instance("b:1"), instance("c:1")});
  for (const char* address : {"a:1", "b:1", "c:1"}) report(address, Connectivity::kReady);
  const auto picker = published->get();
  transport->at("a:1").is_up = transport->at("b:1").is_up = false;
  for (int i = 0; i < 6; ++i) EXPECT_EQ(pick_ready(*picker, {}).endpoint->address(), "c:1");
  transport->at("c:1").is_up = false;
  EXPECT_NE(pick_ready(*picker, {}).endpoint, nullptr);
}

TEST_F(LoadBalancerScenario, AnEndpointThatCameAndWentTakesOnePlaceOnly) {
  options.max_connecting = 1;
  start();
  const auto both = {instance("a:1"), instance("b:1")};
  resolve({instance("a:1")});
  resolve(both);
  resolve({instance("a:1")});
  advance(2s);    // b:1 is closed while it waits for a place
  resolve(both);  // and waits twice now
  report("a:1", Connectivity::kReady);
  report("b:1", Connectivity::kReady);
  resolve({instance("a:1"), instance("b:1"), instance("c:1")});
  ASSERT_TRUE(transport->connections.contains("c:1"));
  EXPECT_EQ(transport->at("b:1").connects, 1);
}

TEST_F(LoadBalancerScenario, OpensAFewConnectionsAtATime) {
  options.max_connecting = 2;
  start();
  resolve({instance("a:1"), instance("b:1"), instance("c:1"), instance("d:1")});
  EXPECT_EQ(transport->connections.size(), 2u);
  const auto first = transport->connections.begin()->first;
  report(first, Connectivity::kFailing);
  EXPECT_EQ(transport->connections.size(), 3u);
}

TEST_F(LoadBalancerScenario, TenThousandConnectionsMakeFewPickers) {
  options.max_connecting = 10'000;
  start();
  std::vector<InstancePtr> many;
  for (int i = 0; i < 10'000; ++i) many.push_back(instance("h" + std::to_string(i) + ":1"));
  resolve(std::move(many));
  publications = 0;
  for (const auto& [address, connection] : transport->connections) {
    report(address, Connectivity::kReady);  // they trickle in: each one alone, 10 us apart
    advance(10us);
  }
  advance(10ms);
  EXPECT_EQ(published->get()->size(), 10'000u);
  EXPECT_LE(publications, 12);  // 100 ms of changes at 10 ms per picker, and the edges
}

TEST_F(LoadBalancerScenario, AWaitingCallGoesOnWhenAnEndpointIsReady) {
  start();
  resolve({instance("a:1")});
  const auto waiter = wait(0s, 10s);
  EXPECT_EQ(waiter->resumed, 0);
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(waiter->resumed, 1);
}

TEST_F(LoadBalancerScenario, ARetryWaitsForItsTime) {
  start();
  resolve({instance("a:1")});
  report("a:1", Connectivity::kReady);
  const auto waiter = wait(50ms, 10s);
  advance(49ms);
  EXPECT_EQ(waiter->resumed, 0);
  advance(1ms);
  EXPECT_EQ(waiter->resumed, 1);
}

TEST_F(LoadBalancerScenario, AWaitingCallGivesUpAtItsDeadline) {
  start();
  resolve({instance("a:1")});
  const auto waiter = wait(0s, 10s);
  advance(9999ms);
  EXPECT_TRUE(waiter->why.ok());
  advance(1ms);
  EXPECT_EQ(waiter->why.code(), Errc::kUnavailable);
  EXPECT_NE(waiter->why.message().find("1 endpoint:"), std::string::npos);
  EXPECT_EQ(waiter->resumed, 0);
}

TEST_F(LoadBalancerScenario, OnlySoManyCallsWait) {
  options.max_waiting_calls = 1;
  start();
  const auto first = wait(0s, 10s), second = wait(0s, 10s);
  EXPECT_EQ(second->why.code(), Errc::kResourceExhausted);
  first->gone = true;
  EXPECT_TRUE(wait(0s, 10s)->why.ok());
}

TEST_F(LoadBalancerScenario, WaitingCallsGiveUpWhenItEnds) {
  start();
  const auto waiter = wait(0s, 10s);
  stop(balancer);
  run();
  EXPECT_EQ(waiter->why.code(), Errc::kUnavailable);
  EXPECT_NE(published->get()->complaint().find("closed"), std::string::npos);
}

TEST_F(LoadBalancerScenario, SubscribesAndAsksAgainAfterAnError) {
  auto resolver = probe<Resolver>("resolver");
  options.resolver = resolver.handle();
  start();
  resolver.expect<Subscribe>().fail(Errc::kUnavailable, "not yet");
  advance(1s);
  resolver.expect<Subscribe>().reply(Subscribed{});
  advance(10s);
  resolver.expect_nothing();
}

}  // namespace
}  // namespace brontes
