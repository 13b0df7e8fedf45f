#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class OptionsOfGuards : public GuardScenario {
 protected:
  std::string complaint(BreakerOptions options) {
    const auto made = Breaker::make(system(), "shop", std::move(options));
    return made ? "none" : made.error().to_string();
  }
  std::string complaint(RateLimitOptions options) {
    const auto made = RateLimit::make(system(), "shop", options);
    return made ? "none" : made.error().to_string();
  }
  std::string complaint(BulkheadOptions options) {
    const auto made = Bulkhead::make(system(), "shop", options);
    return made ? "none" : made.error().to_string();
  }
};

TEST_F(OptionsOfGuards, PresetsCanBe) {
  for (const auto& preset : {BreakerOptions::gobreaker(), BreakerOptions::strict(),
                             BreakerOptions::hystrix(), BreakerOptions::sre()})
    EXPECT_EQ(complaint(preset), "none");
  EXPECT_TRUE(hystrix(system(), "shop"));
}

TEST_F(OptionsOfGuards, ABreakerNamesTheFieldThatCannotBe) {
  const auto with = [](auto change) {
    auto options = BreakerOptions::gobreaker();
    change(options);
    return options;
  };
  EXPECT_EQ(complaint(with([](auto& o) { o.open_for = 0s; })),
            "INVALID_ARGUMENT: make breaker shop: open_for: 0 s is not from 1 ms to 86400 s");
  EXPECT_EQ(complaint(with([](auto& o) { o.probes = 65; })),
            "INVALID_ARGUMENT: make breaker shop: probes: 65 is not from 1 to 64");
  EXPECT_EQ(complaint(with([](auto& o) { o.open_at_percent = 0; })),
            "INVALID_ARGUMENT: make breaker shop: open_at_percent: 0 is not from 1 to 100");
  EXPECT_EQ(complaint(with([](auto& o) { o.throttle_factor = 0.5; })),
            "INVALID_ARGUMENT: make breaker shop: throttle_factor: 0.5 is not from 1 to 1000");
  EXPECT_EQ(complaint(with([](auto& o) { o.buckets = 0; })),
            "INVALID_ARGUMENT: make breaker shop: buckets: 0 is not from 1 to 60");
  EXPECT_EQ(complaint(with([](auto& o) { o.failures = {}; })),
            "INVALID_ARGUMENT: make breaker shop: failures: none is named, so it would never open");
  EXPECT_EQ(complaint(with([](auto& o) { o.failures = {Errc::kOk}; })),
            "INVALID_ARGUMENT: make breaker shop: failures: OK cannot be a failure");
}

TEST_F(OptionsOfGuards, LimitsNameTheFieldThatCannotBe) {
  EXPECT_EQ(complaint(RateLimitOptions{.per_second = 0}),
            "INVALID_ARGUMENT: make rate limit shop: per_second: 0 is not from 0.001 to 10000000");
  EXPECT_EQ(complaint(RateLimitOptions{.burst = 0}),
            "INVALID_ARGUMENT: make rate limit shop: burst: 0 is not from 1 to 1000000");
  EXPECT_EQ(complaint(RateLimitOptions{.per_second = 0.001, .burst = 1000}),
            "INVALID_ARGUMENT: make rate limit shop: burst: 1000 take more than a day to fill at "
            "0.001 per_second");
  EXPECT_EQ(complaint(BulkheadOptions{.max_concurrent = 0}),
            "INVALID_ARGUMENT: make bulkhead shop: max_concurrent: 0 is not from 1 to 1000000");
  EXPECT_FALSE(TimeLimit::make(system(), 0s));
}

TEST_F(OptionsOfGuards, AGuardHasAName) {
  EXPECT_EQ(Breaker::make(system(), "").error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(RateLimit::make(system(), "", {}).error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(Bulkhead::make(system(), "", {}).error().code(), Errc::kInvalidArgument);
}

TEST_F(OptionsOfGuards, PresetsHaveNames) {
  EXPECT_EQ(BreakerOptions::named("sre")->window, 3s);
  EXPECT_EQ(BreakerOptions::named("strict")->max_consecutive, 4u);
  EXPECT_EQ(
      BreakerOptions::named("gobraker").error().to_string(),
      "INVALID_ARGUMENT: 'gobraker' is no breaker; there are gobreaker, strict, hystrix, sre");
}

TEST_F(OptionsOfGuards, GuardsByOptionsNameTheFieldThatCannotBe) {
  auto options = GuardOptions{.rate_limit = RateLimitOptions{.burst = 0}};
  EXPECT_EQ(
      guards(system(), "shop", options).error().to_string(),
      "INVALID_ARGUMENT: make the guards of shop: rate_limit.burst: 0 is not from 1 to 1000000");
}

TEST_F(OptionsOfGuards, GuardsByOptionsStandInOrder) {
  const GuardOptions options{.breaker = BreakerOptions::strict(),
                             .bulkhead = BulkheadOptions{.max_concurrent = 1}};
  const auto guarded = guards(system(), "shop", options).value();
  EXPECT_EQ(guarded.describe(), "breaker shop > bulkhead shop");
  int made = 0;
  for (int i = 0; i < 10; ++i)
    (void)guarded.run([&] {
      ++made;
      return Status(Errc::kInternal, "no bread");
    });
  EXPECT_EQ(made, 5);
}

}  // namespace
}  // namespace brontes::testing
