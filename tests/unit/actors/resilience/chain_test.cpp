// Chains around what is there at once.
#include <stdexcept>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

/// Writes down who passes, and refuses if it is told to.
class Scribe final : public Guard {
 public:
  Scribe(std::string name, std::vector<std::string>& diary)
      : name_(std::move(name)), diary_(diary) {}
  const std::string& name() const override { return name_; }
  Entry enter(const CallTerms&, bool, Permit&, Status& why) override {
    diary_.push_back(name_ + " in");
    if (!refuses) return Entry::kIn;
    why = {Errc::kResourceExhausted, name_ + " refuses"};
    return Entry::kRefused;
  }
  void leave(const Permit&, Ending ending) noexcept override {
    diary_.push_back(name_ + " out " + std::string(to_string(ending.code)) +
                     (ending.refused ? " refused" : ""));
  }
  GuardNumbers numbers() const override { return {}; }
  bool refuses = false;

 private:
  const std::string name_;
  std::vector<std::string>& diary_;
};

class ChainScenario : public GuardScenario {
 protected:
  std::shared_ptr<Scribe> scribe(const std::string& name) {
    return std::make_shared<Scribe>(name, diary_);
  }
  using Diary = std::vector<std::string>;
  Diary diary_;
};

Expected<int> seven() { return 7; }
Expected<int> no_bread() { return fail(Errc::kUnavailable, "no bread"); }

TEST_F(ChainScenario, TheFirstLayerIsTheOutermost) {
  const auto guarded = chain(scribe("a"), scribe("b"), scribe("c"));
  EXPECT_EQ(guarded.describe(), "a > b > c");
  EXPECT_EQ(guarded.run(seven), 7);
  EXPECT_EQ(diary_, (Diary{"a in", "b in", "c in", "c out OK", "b out OK", "a out OK"}));
}

TEST_F(ChainScenario, WhatIsRefusedGoesNoFurtherAndIsToldAsRefused) {
  const auto b = scribe("b");
  b->refuses = true;
  const auto result = chain(scribe("a"), b, scribe("c")).run(seven);
  EXPECT_EQ(result.error().message(), "b refuses");
  EXPECT_EQ(diary_, (Diary{"a in", "b in", "a out RESOURCE_EXHAUSTED refused"}));
}

TEST_F(ChainScenario, AThrownExceptionPassesAllLayers) {
  const auto guarded = chain(scribe("a"), scribe("b"));
  const auto throws = []() -> Expected<int> { throw std::runtime_error("no bread"); };
  EXPECT_THROW((void)guarded.run(throws), std::runtime_error);
  EXPECT_EQ(diary_, (Diary{"a in", "b in", "b out INTERNAL", "a out INTERNAL"}));
}

TEST_F(ChainScenario, AChainIsALayer) {
  const auto inner = chain(scribe("b"), scribe("c"));
  const auto guarded = chain(scribe("a"), inner);
  EXPECT_EQ(guarded.describe(), "a > b > c");
  EXPECT_EQ(guarded.run(seven), 7);
  EXPECT_EQ(diary_.size(), 6u);
  EXPECT_EQ(diary_[1], "b in");
}

TEST_F(ChainScenario, ANullGuardLetsEverythingThrough) {
  const auto guarded = chain(std::shared_ptr<Breaker>(), scribe("a"));
  EXPECT_EQ(guarded.describe(), "a");
  EXPECT_EQ(guarded.run(seven), 7);
}

TEST_F(ChainScenario, AnEmptyChainOnlyCalls) { EXPECT_EQ(chain().run(seven), 7); }

TEST_F(ChainScenario, TheCallMaySeeItsTerms) {
  const auto key = [](const CallTerms& terms) -> Expected<std::string> { return terms.key; };
  EXPECT_EQ(chain(scribe("a")).run(key, {.key = "bread"}), "bread");
}

TEST_F(ChainScenario, AFallbackSeesTheCause) {
  const auto guarded = chain(otherwise([](const Status& cause) -> Expected<int> {
                               EXPECT_EQ(cause, Status(Errc::kUnavailable, "no bread"));
                               return 5;
                             }),
                             scribe("a"));
  EXPECT_EQ(guarded.run(no_bread), 5);
  EXPECT_EQ(guarded.run(seven), 7);
  EXPECT_EQ(guarded.describe(), "otherwise > a");
}

TEST_F(ChainScenario, AFallbackThatFailsKeepsBothErrors) {
  const auto guarded = chain(otherwise(
      [](const Status&) -> Expected<int> { return fail(Errc::kNotFound, "the cache is empty"); }));
  EXPECT_EQ(guarded.run(no_bread).error().to_string(),
            "UNAVAILABLE: no bread; and instead of it: NOT_FOUND: the cache is empty");
}

TEST_F(ChainScenario, AFallbackIsForChosenCodesOnly) {
  const auto five = [](const Status&) -> Expected<int> { return 5; };
  const auto not_found = []() -> Expected<int> { return fail(Errc::kNotFound, "no such bread"); };
  EXPECT_FALSE(chain(otherwise(five)).run(not_found));
  EXPECT_EQ(chain(otherwise(five, {Errc::kNotFound})).run(not_found), 5);
  EXPECT_FALSE(chain(otherwise(five, {Errc::kNotFound})).run(no_bread));
}

TEST_F(ChainScenario, AFallbackAnswersForAnOpenBreaker) {
  const auto guarded =
      chain(otherwise([](const Status&) -> Expected<int> { return 5; }), breaker());
  int made = 0;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(guarded.run([&] {
      ++made;
      return no_bread();
    }),
              5);
  EXPECT_EQ(made, 6);
}

TEST_F(ChainScenario, ABreakerAroundAFallbackSeesItsSuccess) {
  const auto it = breaker();
  const auto guarded = chain(it, otherwise([](const Status&) -> Expected<int> { return 5; }));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(guarded.run(no_bread), 5);
  EXPECT_EQ(it->state().state, BreakerState::kClosed);
}

TEST_F(ChainScenario, WhatTookTooLongCountsAsAFailure) {
  const auto it = breaker();
  const auto guarded = chain(it, TimeLimit::make(system(), 1s).value());
  const auto takes = [&](Duration time) {
    return guarded.run([&] {
      advance(time);
      return Status();
    });
  };
  EXPECT_TRUE(takes(1s - 1ns).ok());
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(takes(1s).to_string(),
              "DEADLINE_EXCEEDED: the call took longer than 1 s; whatever it returns is dropped");
  EXPECT_EQ(it->state().state, BreakerState::kOpen);
}

}  // namespace
}  // namespace brontes::testing
