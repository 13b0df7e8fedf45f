// Policies by method: which one counts, and what cannot be.
#include <brontes/discovery/channel/detail/call_rules.hpp>

#include "client_call_world.hpp"

namespace brontes::testing {
namespace {

CallRules rules(const MethodPolicies& policies) { return {CallRule(), policies, TimePoint{}}; }

TEST(CallRules, TheNarrowestPolicyCountsForWhatItSays) {
  const auto all = rules({{"*", {.timeout = 9s, .idempotent = true}},
                          {"s.Shop", {.timeout = 5s}},
                          {"s.Shop/Buy", {.idempotent = false}}});
  EXPECT_EQ(all.of("/s.Shop/Buy").timeout, 5s);
  EXPECT_FALSE(all.of("/s.Shop/Buy").idempotent);
  EXPECT_EQ(all.of("/s.Shop/Look").timeout, 5s);
  EXPECT_TRUE(all.of("/s.Shop/Look").idempotent);
  EXPECT_EQ(all.of("/s.Shopping/Look").timeout, 9s);
  EXPECT_EQ(rules({}).of("/s.Shop/Buy").timeout, 30s);
}

TEST(CallRules, EachHedgedPolicyHasAnExperienceOfItsOwn) {
  const auto all = rules({{"*", {.hedging = HedgingPolicy{}}},
                          {"s.Shop/Buy", {.timeout = 1s}},
                          {"s.Shop/Look", {.hedging = HedgingPolicy{.delay = 3ms}}},
                          {"s.Shop/Pay", {.hedging = HedgingPolicy{.enabled = false}}}});
  EXPECT_NE(all.of("/s.Shop/Buy").latency, all.of("/s.Other/X").latency);
  EXPECT_EQ(all.of("/s.Shop/Look").latency, nullptr) << "its delay is fixed";
  EXPECT_FALSE(all.of("/s.Shop/Pay").hedging.enabled);
  EXPECT_EQ(all.windows().size(), 2u);
}

TEST(MethodPolicies, SayWhatCannotBeAndWhere) {
  const auto complaint = [](const MethodPolicies& policies) { return check(policies).message(); };
  EXPECT_EQ(complaint({{"s.Shop/Buy", {.timeout = 0s}}}), "s.Shop/Buy: timeout: is not above zero");
  EXPECT_EQ(complaint({{"/s.Shop/Buy", {}}}),
            "'/s.Shop/Buy': is no method: write pkg.Service/Method, pkg.Service or *");
  EXPECT_EQ(complaint({{"*", {.key = "cookie:x"}}}).substr(0, 7), "*: key:");
  RetryPolicy many;
  many.max_attempts = 6;
  EXPECT_EQ(complaint({{"*", {.retry = many}}}), "*: retry.attempts: is out of range, 1 to 5");
  RetryPolicy odd;
  odd.base = 2s;
  EXPECT_EQ(complaint({{"*", {.retry = odd}}}), "*: retry.max: is below retry.base");
  EXPECT_TRUE(check(MethodPolicies{{"s.Shop", {.timeout = 1s}}, {"*", {}}}).ok());
}

TEST(ChannelOptions, WithABudgetAboveOneAreRefused) {
  ChannelOptions options;
  options.hedge_budget = 1.5;
  EXPECT_EQ(check(options).message(), "hedge_budget: is out of range, 0 to 1");
  options.hedge_budget = 0;
  options.retry_budget = -0.1;
  EXPECT_EQ(check(options).message(), "retry_budget: is out of range, 0 to 1");
}

using MethodPolicyScenario = ClientCallScenario;

TEST_F(MethodPolicyScenario, OpeningAChannelTellsWhatCannotBe) {
  ChannelOptions options;
  options.methods["s/m"].timeout = -1s;
  const auto opened = Channel::open(system(), "static://a:1", options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(opened.error().message(),
            "open a channel to static://a:1: methods: s/m: timeout: is not above zero");
}

TEST_F(MethodPolicyScenario, DecidesTheDeadlineUnlessTheCallDoes) {
  ChannelOptions options;
  options.methods["s/m"].timeout = 3s;
  open("a:1", options);
  const TimePoint begun = now();
  start();
  start({.timeout = 1s});
  EXPECT_EQ(transport->at("a:1").requests[0].deadline, begun + 3s);
  EXPECT_EQ(transport->at("a:1").requests[1].deadline, begun + 1s);
}

TEST_F(MethodPolicyScenario, MakesCallsIdempotentAndSaysWhatIsRepeated) {
  ChannelOptions options;
  MethodPolicy& policy = options.methods["s"];
  policy.idempotent = true;
  policy.retry = RetryPolicy{.max_attempts = 4, .codes = {Errc::kAborted}};
  open("a:1", options);
  transport->at("a:1").answer = [] { return UnaryReply{{Errc::kAborted, "x"}, {}, {}, {}, true}; };
  start();
  advance(1s);
  EXPECT_EQ(result->facts.attempts, 4);
}

TEST_F(MethodPolicyScenario, KeepsCallsOfOneKeyTogether) {
  ChannelOptions options;
  options.methods["s/m"].key = "header:user";
  options.balancing = BalancingOptions{.policy = "ring_hash", .bounded_load = 0};
  open("a:1,b:1,c:1,d:1", options);
  for (int i = 0; i < 8; ++i) start({.metadata = {{"user", "ada"}}});
  int served = 0;
  for (const auto& [address, connection] : transport->connections)
    served += !connection->requests.empty();
  EXPECT_EQ(served, 1);
}

}  // namespace
}  // namespace brontes::testing
