// Retries under virtual time, over connections by script.
#include <map>

#include "client_call_world.hpp"

namespace brontes::testing {
namespace {

TEST_F(ClientCallScenario, ARefusedCallGoesElsewhereAtOnce) {
  open("a:1,b:1");
  start();
  start();  // goes to b:1, so that a:1 is the next in turn again
  answer("a:1", refused());
  ASSERT_EQ(requests("b:1"), 2u);
  const auto& again = transport->at("b:1").requests[1];
  EXPECT_EQ(*again.body, "body");
  EXPECT_EQ(again.metadata,
            (MetadataList{{"x-retry-owner", "1"}, {"grpc-previous-rpc-attempts", "1"}}));
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

// The metadata of that request to that address.
using Metadata = std::map<std::string, std::string>;

struct RepeatedCallScenario : ClientCallScenario {
  Metadata metadata(const std::string& address, std::size_t at = 0) {
    const auto& list = transport->at(address).requests.at(at).metadata;
    return {list.begin(), list.end()};
  }
};

TEST_F(RepeatedCallScenario, AFailureIsGivenAsItCameWhenNothingIsLeftToTry) {
  open("a:1,b:1");
  start();
  answer("a:1", cut_off());
  advance(60ms);
  UnaryReply last = cut_off();
  last.trailers = {{"why", "full"}};
  answer("b:1", last);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->facts.trailers, last.trailers);
  EXPECT_EQ(result->facts.address, "b:1");
}

TEST_F(RepeatedCallScenario, EndpointsThatFailAllTheTimeAreNotAskedAgain) {
  ejection = false;  // or there would be nobody else to try
  open("a:1,b:1");
  for (const auto& [address, connection] : transport->connections) connection->answer = refused;
  int attempts = 0;
  for (int i = 0; i < 1000; ++i) {
    start({.timeout = 10ms});
    attempts += result->facts.attempts;
  }
  EXPECT_LE(attempts, 1000 + 10) << "five tokens of each of the two";
  EXPECT_GE(attempts, 1000 + 5);
}

TEST_F(RepeatedCallScenario, WhenNineOfTenFailTheLoadGrowsByLessThanATenth) {
  for (const bool with_ejection : {false, true}) {
    ejection = with_ejection;
    open("a:1,b:1,c:1");
    int answers = 0;
    for (const auto& [address, connection] : transport->connections)
      connection->answer = [&answers] { return ++answers % 10 == 0 ? good() : cut_off(); };
    for (int i = 0; i < 1000; ++i) {
      start({.idempotent = true});
      advance(5ms);
    }
    advance(1s);
    EXPECT_LE(answers, 1100) << (with_ejection ? "with ejection" : "without");
    channel.reset();
    run();
  }
}

TEST_F(RepeatedCallScenario, OneThatDiedStopsNoRetryToThoseThatLive) {
  ejection = false;
  open("a:1,b:1");
  transport->at("a:1").answer = refused;
  transport->at("b:1").answer = good;
  for (int i = 0; i < 100; ++i) {
    start();
    ASSERT_TRUE(result->status.ok()) << i;
  }
}

TEST_F(RepeatedCallScenario, ANewConnectionIsTrustedAnew) {
  ejection = false;
  open("a:1");
  transport->at("a:1").answer = refused;
  for (int i = 0; i < 20; ++i) {
    start({.timeout = 100ms});
    advance(100ms);
  }
  EXPECT_EQ(result->facts.attempts, 1);
  transport->at("a:1").report(Connectivity::kIdle);
  transport->at("a:1").report(Connectivity::kReady);
  run();
  start({.timeout = 500ms});
  advance(500ms);
  EXPECT_EQ(result->facts.attempts, 3);
}

TEST_F(RepeatedCallScenario, OnlyTheOutermostRepeats) {
  open("a:1,b:1");
  CallOptions inner;
  inner.parent.retry_owned = true;
  inner.idempotent = true;
  start(inner);
  answer("a:1", cut_off());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code(), Errc::kUnavailable);
  EXPECT_EQ(result->facts.attempts, 1);
  EXPECT_EQ(metadata("a:1")["x-retry-owner"], "1") << "handed on";
}

TEST_F(RepeatedCallScenario, WhatWasRefusedGoesElsewhereWhoeverRepeats) {
  open("a:1,b:1");
  CallOptions inner;
  inner.parent.retry_owned = true;
  start(inner);
  answer("a:1", refused());
  answer("b:1", good());
  EXPECT_TRUE(result->status.ok());
}

TEST_F(RepeatedCallScenario, WhoeverRepeatsSaysSo) {
  open("a:1");
  start();
  start({.retry = RetryPolicy::none()});
  EXPECT_EQ(metadata("a:1", 0)["x-retry-owner"], "1");
  EXPECT_EQ(metadata("a:1", 1).count("x-retry-owner"), 0u);
}

TEST_F(RepeatedCallScenario, WhoeverSendsNothingTwiceLeavesRepeatingToOthers) {
  open("a:1");
  RetryPolicy once;
  once.max_resends = 0;
  start({.retry = once});
  start({.retry = once, .idempotent = true});
  EXPECT_EQ(metadata("a:1", 0).count("x-retry-owner"), 0u);
  EXPECT_EQ(metadata("a:1", 1)["x-retry-owner"], "1");
}

TEST_F(RepeatedCallScenario, AClassifierOfOnesOwnDecidesByTheStatus) {
  open("a:1,b:1");
  CallOptions options;
  options.idempotent = true;
  options.retry = RetryPolicy();
  options.retry->classify = [](const Status& status) { return status.message() == "busy"; };
  start(options);
  answer("a:1", {{Errc::kAborted, "busy"}, {}, {}, {}, true});
  advance(60ms);
  answer("b:1", {{Errc::kUnavailable, "gone"}, {}, {}, {}, true});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.message(), "gone");
  EXPECT_EQ(result->facts.attempts, 2);
}

TEST_F(RepeatedCallScenario, GoesToEndpointsThatRegisterWhileItWaits) {
  open("a:1");
  transport->at("a:1").report(Connectivity::kFailing);
  run();
  start({.timeout = 10s});
  advance(5s);
  EXPECT_FALSE(result);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->status = SnapshotStatus::kLive;
  auto late = std::make_shared<Instance>();
  late->instance_id = late->address = "late:1";
  snapshot->instances.push_back(late);
  auto slot = std::make_shared<SubscriberSlot>("memory:", Query{});
  slot->put(snapshot);
  tell(channel->core()->balancer, SnapshotReady{slot});
  run();
  transport->at("late:1").report(Connectivity::kReady);
  run();
  answer("late:1", good());
  EXPECT_TRUE(result->status.ok());
}

TEST_F(RepeatedCallScenario, EndsAMarginBeforeItsParentDoes) {
  ChannelOptions options;
  options.deadline_margin = 20ms;
  open("a:1", options);
  const TimePoint begun = now();
  CallOptions inner;
  inner.parent.deadline = begun + 1s;
  start(inner);
  inner.parent.deadline = begun + 30ms;
  start(inner);
  inner.parent.deadline = begun;
  start(inner);
  const auto& sent = transport->at("a:1").requests;
  ASSERT_EQ(sent.size(), 2u) << "the third one was too late";
  EXPECT_EQ(sent[0].deadline, begun + 980ms);
  EXPECT_EQ(sent[1].deadline, begun + 15ms) << "half of what is left";
  EXPECT_EQ(result->status.code(), Errc::kDeadlineExceeded);
}

TEST_F(RepeatedCallScenario, MetadataOfTheChannelGoesAlongUnlessTheCallBringsItsOwn) {
  ChannelOptions options;
  options.call_metadata = {{"tenant", "t1"}, {"zone", "z1"}};
  open("a:1", options);
  start({.metadata = {{"tenant", "mine"}}});
  EXPECT_EQ(metadata("a:1")["tenant"], "mine");
  EXPECT_EQ(metadata("a:1")["zone"], "z1");
}

using EndpointsScenario = ClientCallScenario;

TEST_F(EndpointsScenario, AreShownWithWhatTheChannelThinksOfThem) {
  open("a:1,b:1,c:1,d:1");
  transport->at("b:1").report(Connectivity::kFailing);
  transport->at("c:1").report(Connectivity::kConnecting);
  run();
  for (int i = 0; i < 10; ++i) {
    start({.retry = RetryPolicy::none()});
    for (const char* address : {"a:1", "d:1"})
      while (!transport->at(address).pending.empty())
        answer(address, address == std::string("a:1")
                            ? UnaryReply{{Errc::kInternal, "x"}, {}, {}, {}, true}
                            : good());
  }
  std::string shown;
  for (const EndpointView& each : channel->endpoints())
    shown +=
        each.address + " " + each.state + (each.called ? " called" : "") + " '" + each.why + "'\n";
  EXPECT_EQ(
      shown,
      "a:1 ejected called '5 failures in a row, out for 30 s; called all the same, as too few "
      "are left'\n"
      "b:1 failing 'the last attempt to connect failed'\n"
      "c:1 connecting ''\n"
      "d:1 ready called ''\n");
  EXPECT_TRUE(channel->wait_ready(0s, 2).ok());
  transport->at("b:1").report(Connectivity::kReady);
  transport->at("c:1").report(Connectivity::kReady);
  run();
  EXPECT_EQ(channel->endpoints()[0].state, "ejected");
  EXPECT_FALSE(channel->endpoints()[0].called);
  EXPECT_TRUE(channel->wait_ready(0s, 3).ok());
  EXPECT_FALSE(channel->wait_ready(0s, 4).ok()) << "an ejected endpoint does not count";
}

}  // namespace
}  // namespace brontes::testing
