// Scenario files: what they say is played, and what is wrong with them is told with its line.
#include <gtest/gtest.h>

#include <brontes/tools/scenario/script.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <set>

namespace brontes::scenario {
namespace {

using namespace std::chrono_literals;

const std::string kGood = R"(scenario: a server dies
seed: 7
registry: {ttl: 6s}
peers:
  a: {latency: 2..30ms}
  b: {latency: {p50: 10ms, p99: 40ms}, weight: 50, tags: {zone: x}}
  w: {count: 2, version: v2, errors: 10%}
callers:
  shop: {rate: 100/s, timeout: 1s, retry: {attempts: 3}}
steps:
- at: 2s
  expect: {failed: <= 5, share: {w: 30..90%}}
  peers: {a: {state: crashed}}
- at: 4s
  expect: {not_picked_after: {a: 10ms}, calls: 200, endpoints: 3}
)";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Outcome played(const std::string& text) {
  const auto script = parse_script(text, "s.yaml");
  EXPECT_TRUE(script) << script.error();
  return play(*script, script->world.seed);
}

std::string complaint(const std::string& text) {
  const auto script = parse_script(text, "s.yaml");
  return script ? "none" : script.error().message();
}

TEST(Scenario, PlaysItsStepsAndKeepsWhatWasSeen) {
  const auto script = parse_script(kGood, "s.yaml");
  ASSERT_TRUE(script) << script.error();
  const Outcome outcome = play(*script, 7);
  ASSERT_EQ(outcome.steps.size(), 2u);
  EXPECT_TRUE(outcome.passed());
  EXPECT_EQ(outcome.steps[1].seen[1].value, "200");
  EXPECT_EQ(outcome.log_hash.size(), 16u);
  EXPECT_NE(std::find(outcome.log.begin(), outcome.log.end(), "+2.000000s a crashes"),
            outcome.log.end());
}

TEST(Scenario, FailsWhenAnExpectationDoes) {
  const Outcome outcome = played(with("calls: 200", "calls: 199"));
  EXPECT_FALSE(outcome.passed());
  EXPECT_TRUE(outcome.steps[0].passed());
  EXPECT_FALSE(outcome.steps[1].passed());
}

TEST(Scenario, HasOneLogForOneSeed) {
  std::set<std::string> hashes;
  for (int run = 0; run < 20; ++run) hashes.insert(played(kGood).log_hash);
  EXPECT_EQ(hashes.size(), 1u);
}

TEST(Scenario, HasAnotherLogIfOneLimitChanges) {
  const std::string hash = played(kGood).log_hash;
  EXPECT_NE(played(with("seed: 7", "seed: 8")).log_hash, hash);
  EXPECT_NE(played(with("attempts: 3", "attempts: 1")).log_hash, hash);
  EXPECT_NE(played(with("2..30ms", "2..31ms")).log_hash, hash);
  EXPECT_NE(played(with("errors: 10%", "errors: 20%")).log_hash, hash);
}

TEST(Scenario, AnExpectationChangesNothing) {
  EXPECT_EQ(played(with("calls: 200, ", "")).log_hash, played(kGood).log_hash);
}

struct Wrong {
  const char* from;
  const char* to;
  const char* complaint;  // how it begins
};
const Wrong kWrong[] = {
    {"seed: 7", "sead: 7", "s.yaml:2: the file: 'sead' is no key; there are scenario, seed,"},
    {"seed: 7", "seed: x", "s.yaml:2: seed: 'x' is not a whole number"},
    {"seed: 7", "seed: [7]", "s.yaml:2: seed: what stands there is not a"},
    {"seed: 7", "seed: 7\nseed: 8", "s.yaml:3: the file: 'seed' is there twice"},
    {"ttl: 6s", "ttl: 6", "s.yaml:3: registry.ttl: '6' is not whole seconds, 2s to 24h"},
    {"2..30ms", "fast", "s.yaml:5: peers.a.latency: 'fast' is not 10ms, 5..15ms, or {p50:"},
    {"p50: 10ms, ", "", "s.yaml:6: peers.b.latency: p50 and p99 must be there"},
    {"weight: 50", "wait: 50", "s.yaml:6: peers.b: 'wait' is no key; there are count, service,"},
    {"10%", "10", "s.yaml:7: peers.w.errors: '10' is not a percentage: 0% to 100%"},
    {"100/s", "100", "s.yaml:9: callers.shop.rate: '100' is not calls a second"},
    {"timeout: 1s", "breaker: {preset: x}",
     "s.yaml:9: callers.shop.breaker.preset: 'x' is not one of gobreaker, strict, hystrix, sre"},
    {"attempts: 3", "attempts: 6", "s.yaml:9: callers.shop.retry.attempts: '6' is not a number"},
    {"rate: 100/s, ", "", "s.yaml:9: callers.shop: a rate or loops must be there"},
    {"at: 2s", "after: 2s", "s.yaml:11: steps: 'after' is no key; there are at, since,"},
    {"at: 4s", "at: 1s", "s.yaml:14: steps.at: it is before the step above"},
    {"failed: <= 5", "failed: few", "s.yaml:12: expect.failed: 'few' is not a number: 3, 3..5"},
    {"w: 30..90%", "x: 3%", "s.yaml:12: expect.share.x: there is no 'x'; there are a, b, w"},
    {"state: crashed", "state: dead",
     "s.yaml:13: peers.a.state: 'dead' is not one of running, paused, leaving, crashed"},
    {"a: 10ms", "a: soon", "s.yaml:15: expect.not_picked_after.a: 'soon' is not a duration"},
    {"scenario: a server dies", "scenario: {", "s.yaml:"},
};

TEST(Scenario, WhatIsWrongIsToldWithItsLineAndWhatMayStandThere) {
  for (const Wrong& wrong : kWrong) {
    const std::string told = complaint(with(wrong.from, wrong.to));
    EXPECT_TRUE(told.starts_with(wrong.complaint)) << told << "\n  not\n" << wrong.complaint;
  }
}

TEST(Scenario, AFileThatExpectsNothingIsRefused) {
  EXPECT_NE(complaint("scenario: nothing\nsteps:\n- at: 1s\n").find("none of them expects"),
            std::string::npos);
}

TEST(ScenarioValues, RangesHoldWhatTheySay) {
  const auto holds = [](const char* text, Unit unit, double value) {
    const auto range = parse_range(text, unit);
    EXPECT_TRUE(range) << text;
    return range && range->holds(value);
  };
  EXPECT_TRUE(holds("0", Unit::kCount, 0));
  EXPECT_FALSE(holds("0", Unit::kCount, 1));
  EXPECT_TRUE(holds("3..", Unit::kCount, 1e9));
  EXPECT_FALSE(holds("..3", Unit::kCount, 4));
  EXPECT_TRUE(holds("<= 1.2", Unit::kCount, 1.2));
  EXPECT_FALSE(holds("< 1.2", Unit::kCount, 1.2));
  EXPECT_TRUE(holds(">= 2", Unit::kCount, 2));
  EXPECT_TRUE(holds("30..36%", Unit::kShare, 0.33));
  EXPECT_FALSE(holds("30..36%", Unit::kShare, 0.37));
  EXPECT_TRUE(holds("5..15ms", Unit::kTime, 5e6));
  EXPECT_TRUE(holds("500us..15ms", Unit::kTime, 6e5));
  EXPECT_FALSE(parse_range("5..3", Unit::kCount));
  EXPECT_FALSE(parse_range("..", Unit::kCount));
  EXPECT_FALSE(parse_range("5ms", Unit::kCount));
  EXPECT_FALSE(parse_range("5", Unit::kTime));
}

}  // namespace
}  // namespace brontes::scenario
