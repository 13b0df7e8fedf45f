// Hedges under virtual time: when they are made, when not, and what becomes of the loser.
#include <brontes/discovery/channel/detail/channel_core.hpp>

#include "client_call_world.hpp"

namespace brontes::testing {
namespace {

struct HedgingScenario : ClientCallScenario {
  void open_hedged(const std::string& addresses, HedgingPolicy hedging, double budget = 1) {
    ChannelOptions options;
    options.methods["s/m"] = MethodPolicy{.idempotent = true, .hedging = hedging};
    options.hedge_budget = budget;
    open(addresses, options);
  }
  /// A call that takes so long, answered by whoever has it.
  void call(Duration takes) {
    start();
    advance(takes);
    for (const auto& [address, connection] : transport->connections)
      while (!connection->pending.empty()) answer(address, good());
  }
  std::size_t sent() {
    std::size_t all = 0;
    for (const auto& [address, connection] : transport->connections)
      all += connection->requests.size();
    return all;
  }
  static constexpr HedgingPolicy kAfter20ms{.delay = 20ms};
  static constexpr HedgingPolicy kByExperience{};
};

TEST_F(HedgingScenario, ASlowCallIsMadeOnceMoreElsewhereAndTheFasterAnswerCounts) {
  open_hedged("a:1,b:1", kAfter20ms);
  start();
  advance(19ms);
  EXPECT_EQ(requests("b:1"), 0u);
  advance(1ms);
  ASSERT_EQ(requests("b:1"), 1u);
  EXPECT_EQ(*transport->at("b:1").requests[0].body, "body");
  answer("b:1", good());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->status.ok());
  EXPECT_EQ(result->facts.address, "b:1");
  EXPECT_EQ(result->facts.attempts, 2);
  EXPECT_EQ(*transport->at("a:1").cancelled, 1);
  EXPECT_EQ(*transport->at("b:1").cancelled, 0);
}

TEST_F(HedgingScenario, TheHedgeLosesWhenTheFirstAttemptAnswers) {
  open_hedged("a:1,b:1", kAfter20ms);
  start();
  advance(20ms);
  answer("a:1", good());
  EXPECT_EQ(result->facts.address, "a:1");
  EXPECT_EQ(*transport->at("b:1").cancelled, 1);
  answer("b:1", {{Errc::kCancelled, ""}, {}, {}, {}, true});
  advance(1s);
  EXPECT_EQ(sent(), 2u);
}

TEST_F(HedgingScenario, AFastCallIsMadeOnce) {
  open_hedged("a:1,b:1", kAfter20ms);
  call(19ms);
  advance(1s);
  EXPECT_EQ(sent(), 1u);
}

TEST_F(HedgingScenario, ThereIsOneHedgeAtMost) {
  open_hedged("a:1,b:1,c:1", kAfter20ms);
  start();
  advance(10s);
  EXPECT_EQ(sent(), 2u);
}

TEST_F(HedgingScenario, CallsThatMayNotRunTwiceAreNotHedged) {
  ChannelOptions options;
  options.methods["s/m"] = MethodPolicy{.hedging = kAfter20ms};
  options.hedge_budget = 1;
  open("a:1,b:1", options);
  start();
  advance(1s);
  EXPECT_EQ(sent(), 1u);
  start({.idempotent = true});
  advance(1s);
  EXPECT_EQ(sent(), 3u);
}

TEST_F(HedgingScenario, WithoutAnotherEndpointThereIsNone) {
  open_hedged("a:1", kAfter20ms);
  start();
  advance(1s);
  EXPECT_EQ(sent(), 1u);
}

TEST_F(HedgingScenario, TheDelayIsAtMostHalfOfTheTimeThatIsLeft) {
  open_hedged("a:1,b:1", {.delay = 1h});
  start({.timeout = 100ms});
  advance(49ms);
  EXPECT_EQ(sent(), 1u);
  advance(1ms);
  EXPECT_EQ(sent(), 2u);
}

TEST_F(HedgingScenario, TheDelayIsAMillisecondAtLeast) {
  open_hedged("a:1,b:1", {.delay = 1us});
  start();
  advance(999us);
  EXPECT_EQ(sent(), 1u);
  advance(1us);
  EXPECT_EQ(sent(), 2u);
}

TEST_F(HedgingScenario, TheBudgetBoundsThem) {
  open_hedged("a:1,b:1", kAfter20ms, 0.05);
  for (int i = 0; i < 400; ++i) call(21ms);
  EXPECT_LE(sent(), 420u);
  EXPECT_GE(sent(), 415u);
}

TEST_F(HedgingScenario, OneThatTheBudgetRefusedIsMadeWhenThereIsSomeAgain) {
  open_hedged("a:1,b:1,c:1", kAfter20ms, 0.5);
  start();  // at a:1, and hangs
  advance(20ms);
  EXPECT_EQ(sent(), 1u);
  for (const char* address : {"b:1", "c:1"}) {
    start();
    answer(address, good());
  }
  advance(19ms);
  EXPECT_EQ(sent(), 3u);
  advance(1ms);
  EXPECT_EQ(sent(), 4u) << "it has taken twice as long";
  advance(10s);
  EXPECT_EQ(sent(), 4u);
}

TEST_F(HedgingScenario, TheDelayFollowsWhatNineteenOfTwentyCallsTake) {
  open_hedged("a:1,b:1", kByExperience);
  for (int i = 0; i < 100; ++i) call(10ms);
  EXPECT_EQ(sent(), 100u) << "nothing is known in the first second";
  call(10ms);
  start();
  advance(10ms);
  EXPECT_EQ(sent(), 102u);
  advance(2ms);
  EXPECT_EQ(sent(), 103u);
}

TEST_F(HedgingScenario, TheDelayIsForgottenWithTheCallsThatItCameFrom) {
  open_hedged("a:1,b:1", kByExperience);
  for (int i = 0; i < 102; ++i) call(10ms);
  advance(1min);
  call(5s);  // brings the window up to date
  const std::size_t before = sent();
  call(5s);
  EXPECT_EQ(sent(), before + 1);
}

// One of fifty calls hangs, wherever it goes.
TEST_F(HedgingScenario, TheFewThatHangAreAnsweredWithinTheBudget) {
  open_hedged("a:1,b:1,c:1", kByExperience, 0.05);
  int hung = 0, mended = 0;
  for (int i = 1; i <= 1000; ++i) {
    start();
    if (i % 50 != 0 || i < 250) {
      advance(5ms);
      for (const auto& [address, connection] : transport->connections)
        while (!connection->pending.empty()) answer(address, good());
      continue;
    }
    ++hung;
    advance(6ms);
    for (const auto& [address, connection] : transport->connections)
      if (const auto& all = connection->requests;
          !all.empty() && all.back().metadata.back().first == "grpc-previous-rpc-attempts" &&
          !connection->pending.empty())
        answer(address, good());
    mended += result->facts.attempts == 2;
    advance(1s);
    for (const auto& [address, connection] : transport->connections) connection->pending.clear();
  }
  EXPECT_EQ(hung, 16);
  EXPECT_GE(mended, 15);
  EXPECT_LE(sent(), 1050u);
}

TEST_F(HedgingScenario, AFailureWaitsForTheOtherAttempt) {
  open_hedged("a:1,b:1", kAfter20ms);
  start();
  advance(20ms);
  answer("a:1", cut_off());
  EXPECT_FALSE(result);
  answer("b:1", good());
  EXPECT_TRUE(result->status.ok());
}

TEST_F(HedgingScenario, WhenBothFailTheRetryGoesToAThird) {
  open_hedged("a:1,b:1,c:1", kAfter20ms);
  start();
  advance(20ms);
  for (const auto& [address, connection] : transport->connections)
    while (!connection->pending.empty()) answer(address, cut_off());
  EXPECT_EQ(sent(), 2u);
  advance(150ms);
  for (const auto& [address, connection] : transport->connections) {
    EXPECT_EQ(connection->requests.size(), 1u) << address;
    while (!connection->pending.empty()) answer(address, good());
  }
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->status.ok());
  EXPECT_EQ(result->facts.attempts, 3);
}

TEST_F(HedgingScenario, ARetryThatHangsIsHedgedAtAThird) {
  open_hedged("a:1,b:1,c:1", kAfter20ms);
  const auto answer_all = [this](const std::string& but, const UnaryReply& reply) {
    for (const auto& [address, connection] : transport->connections)
      while (address != but && !connection->pending.empty()) answer(address, reply);
  };
  start();
  const std::string first = requests("a:1") ? "a:1" : requests("b:1") ? "b:1" : "c:1";
  transport->at(first).take()(refused());  // goes on elsewhere, at once, and hangs there
  run();
  ASSERT_EQ(sent(), 2u);
  std::string second;
  for (const auto& [address, connection] : transport->connections)
    if (!connection->pending.empty()) second = address;
  advance(20ms);
  ASSERT_EQ(sent(), 3u);
  EXPECT_EQ(requests(first), 1u);
  answer_all(second, good());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->status.ok());
  EXPECT_EQ(result->facts.attempts, 3);
  EXPECT_EQ(*transport->at(second).cancelled, 1);
  advance(10s);
  EXPECT_EQ(sent(), 3u);
}

TEST_F(HedgingScenario, AnAnswerThatNoRetryMendsEndsBoth) {
  open_hedged("a:1,b:1", kAfter20ms);
  start();
  advance(20ms);
  answer("b:1", {{Errc::kNotFound, "none"}, {}, {}, {}, true});
  EXPECT_EQ(result->status.code(), Errc::kNotFound);
  EXPECT_EQ(*transport->at("a:1").cancelled, 1);
}

TEST_F(HedgingScenario, CancellingTheCallCancelsBoth) {
  open_hedged("a:1,b:1", kAfter20ms);
  CallOptions options;
  options.parent.cancellation = std::make_shared<Cancellation>();
  start(options);
  advance(20ms);
  options.parent.cancellation->request();
  EXPECT_EQ(result->status.code(), Errc::kCancelled);
  EXPECT_EQ(*transport->at("a:1").cancelled + *transport->at("b:1").cancelled, 2);
}

TEST_F(HedgingScenario, NothingIsHedgedWhileTooManyAreEjected) {
  open_hedged("a:1,b:1,c:1", kAfter20ms);
  for (int i = 0; i < 15; ++i) {
    start({.retry = RetryPolicy::none()});
    for (const auto& [address, connection] : transport->connections)
      while (!connection->pending.empty())
        answer(address,
               address == "a:1" ? UnaryReply{{Errc::kInternal, "x"}, {}, {}, {}, true} : good());
  }
  const std::size_t before = sent();
  call(1s);
  EXPECT_EQ(sent(), before + 1) << "one of three is out";
  advance(40s);
  call(1s);
  EXPECT_EQ(sent(), before + 3) << "it is back";
}

TEST_F(HedgingScenario, NothingIsHedgedWhenLessThanHalfIsThere) {
  open_hedged("a:1,b:1,c:1,d:1,e:1", kAfter20ms);
  for (const char* down : {"c:1", "d:1", "e:1"}) {
    transport->at(down).is_up = false;
    transport->at(down).report(Connectivity::kFailing);
  }
  run();
  call(1s);
  EXPECT_EQ(sent(), 1u);
}

TEST_F(HedgingScenario, OutlivesItsChannel) {
  open_hedged("a:1,b:1", kAfter20ms);
  start();
  channel.reset();
  run();
  advance(1s);
  answer("a:1", good());
  EXPECT_TRUE(result->status.ok());
}

}  // namespace
}  // namespace brontes::testing
