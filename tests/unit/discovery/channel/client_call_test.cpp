// Retries under virtual time, over connections by script.
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/retry_budget.hpp>
#include <optional>

#include "../fake_transport.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::cut_off;
using testing::FakeTransport;
using testing::good;
using testing::refused;

struct ClientCallScenario : ScenarioTest {
  ~ClientCallScenario() override {
    channel.reset();
    run();
  }
  void open(const std::string& addresses) {
    ChannelOptions options;
    options.transport = transport;
    options.balancing = BalancingOptions{.policy = "round_robin", .ejection = ejection};
    options.seed = 2;  // even: the first in turn is a:1
    auto opened = Channel::open(system(), "static://" + addresses, options);
    ASSERT_TRUE(opened);
    channel = *opened;
    run();
    for (const auto& [address, connection] : transport->connections)
      connection->report(Connectivity::kReady);
    run();
  }
  void start(CallOptions options = {}) {
    on_result(start_unary_call(*channel, "/s/m", "body", std::move(options)),
              [this](const CallResult& ended) { result = ended; });
    run();
  }
  void answer(const std::string& address, UnaryReply reply) {
    transport->at(address).take()(std::move(reply));
    run();
  }
  std::size_t requests(const std::string& address) {
    return transport->at(address).requests.size();
  }

  bool ejection = true;
  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  std::optional<Channel> channel;
  std::optional<CallResult> result;
};

TEST_F(ClientCallScenario, ARefusedCallGoesElsewhereAtOnce) {
  open("a:1,b:1");
  start();
  start();  // goes to b:1, so that a:1 is the next in turn again
  answer("a:1", refused());
  ASSERT_EQ(requests("b:1"), 2u);
  const auto& again = transport->at("b:1").requests[1];
  EXPECT_EQ(*again.body, "body");
  EXPECT_EQ(again.metadata, (MetadataList{{"grpc-previous-rpc-attempts", "1"}}));
  answer("b:1", good());
  answer("b:1", good());
  EXPECT_TRUE(result->status.ok());
  EXPECT_EQ(result->facts.attempts, 2);
  EXPECT_EQ(result->facts.address, "b:1");
}

TEST_F(ClientCallScenario, MetadataThatMayNotTravelEndsTheCallUnsent) {
  open("a:1");
  start({.metadata = {{"user", "J\xc3\xbcrgen"}}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code(), Errc::kInvalidArgument);
  EXPECT_NE(result->status.message().find("metadata 'user'"), std::string::npos)
      << result->status.message();
  EXPECT_EQ(requests("a:1"), 0u);
}

TEST_F(ClientCallScenario, ACallCutOffIsRepeatedElsewhereAfterADelay) {
  open("a:1,b:1");
  start();
  start();  // goes to b:1, so that a:1 is the next in turn again
  answer("a:1", cut_off());
  advance(39ms);  // 50 ms give or take 20 %
  EXPECT_EQ(requests("b:1"), 1u);
  advance(21ms);
  EXPECT_EQ(requests("b:1"), 2u);
  EXPECT_EQ(requests("a:1"), 1u);
}

TEST_F(ClientCallScenario, ACallThatMayHaveRunIsSentOnlyOnceMore) {
  open("a:1,b:1");
  start();
  answer("a:1", cut_off());
  advance(60ms);
  answer("b:1", cut_off());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code(), Errc::kUnavailable);
  EXPECT_EQ(result->facts.attempts, 2);
}

TEST_F(ClientCallScenario, RefusalsDoNotCountAsSent) {
  open("a:1,b:1,c:1");
  start();
  std::string first = requests("a:1") ? "a:1" : requests("b:1") ? "b:1" : "c:1";
  answer(first, refused());
  for (const char* address : {"a:1", "b:1", "c:1"})
    if (!transport->at(address).pending.empty()) {
      answer(address, cut_off());
      break;
    }
  advance(200ms);
  EXPECT_FALSE(result);  // the third attempt is out
  for (const char* address : {"a:1", "b:1", "c:1"})
    EXPECT_EQ(requests(address), 1u) << "each endpoint is tried once: " << address;
}

TEST_F(ClientCallScenario, TheOnlyEndpointIsTriedAgainAfterADelay) {
  open("a:1");
  start();
  answer("a:1", refused());
  EXPECT_EQ(requests("a:1"), 1u);
  advance(60ms);
  EXPECT_EQ(requests("a:1"), 2u);
}

TEST_F(ClientCallScenario, ARetryThatCannotBeInTimeIsNotMade) {
  open("a:1");
  start({.timeout = 30ms});
  answer("a:1", cut_off());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.message(), "cut off");
}

TEST_F(ClientCallScenario, AttemptsShareTheDeadline) {
  open("a:1,b:1");
  start({.timeout = 1s});
  advance(400ms);
  answer("a:1", refused());
  EXPECT_EQ(transport->at("b:1").requests[0].deadline, transport->at("a:1").requests[0].deadline);
}

TEST_F(ClientCallScenario, WaitsForTheEndpointThatDiedUnderIt) {
  open("a:1");
  start();
  transport->at("a:1").report(Connectivity::kIdle);
  answer("a:1", cut_off());
  advance(5s);
  EXPECT_FALSE(result);
  transport->at("a:1").report(Connectivity::kReady);
  run();
  EXPECT_EQ(requests("a:1"), 2u);
}

TEST_F(ClientCallScenario, SaysWhatItWaitedForAndWhy) {
  open("a:1");
  start({.timeout = 2s});
  transport->at("a:1").report(Connectivity::kFailing);
  answer("a:1", cut_off());
  advance(2s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code(), Errc::kUnavailable);
  EXPECT_NE(result->status.message().find("1 failing (a:1)"), std::string::npos);
  EXPECT_NE(result->status.message().find("cut off"), std::string::npos);
}

TEST_F(ClientCallScenario, ACancelledCallAnswersAtOnceAndIsNotRetried) {
  open("a:1,b:1");
  CallOptions options;
  options.parent.cancellation = std::make_shared<Cancellation>();
  start(options);
  options.parent.cancellation->request();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code(), Errc::kCancelled);
  answer("a:1", cut_off());
  advance(1s);
  EXPECT_EQ(requests("b:1"), 0u);
}

TEST_F(ClientCallScenario, TheBudgetStopsAFloodOfRetries) {
  ejection = false;  // or there would be nobody else to try
  open("a:1,b:1");
  for (const auto& [address, connection] : transport->connections) connection->answer = refused;
  int attempts = 0;
  for (int i = 0; i < 1000; ++i) {
    start({.timeout = 10ms});
    attempts += result->facts.attempts;
  }
  // A fifth of the calls, and the floor of ten seconds.
  EXPECT_LE(attempts, 1000 + 200 + 100);
  EXPECT_GE(attempts, 1000 + 200);
}

TEST(RetryBudget, FillsUpWithTime) {
  const TimePoint start{};
  RetryBudget budget(start);
  int granted = 0;
  while (budget.withdraw(start)) ++granted;
  EXPECT_EQ(granted, 100);
  EXPECT_FALSE(budget.withdraw(start + 99ms));
  EXPECT_TRUE(budget.withdraw(start + 101ms));
}

TEST(RetryPolicy, DelaysDoubleUpToTheMaximumGiveOrTakeAFifth) {
  const RetryPolicy policy;
  std::uint64_t random = 1;
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(policy.delay(1, random), 40ms);
    EXPECT_LE(policy.delay(1, random), 60ms);
    EXPECT_GE(policy.delay(3, random), 160ms);
    EXPECT_LE(policy.delay(3, random), 240ms);
    EXPECT_LE(policy.delay(30, random), 1200ms);
  }
}

}  // namespace
}  // namespace brontes
