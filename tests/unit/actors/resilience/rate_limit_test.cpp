#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class RateLimitScenario : public GuardScenario {
 protected:
  /// Who waits would keep its limit beyond the test.
  ~RateLimitScenario() override {
    for (const auto& each : started_) each.cancel();
    run();
  }
  /// A call whose number in the order of calls is its value.
  Seen<int> start(const std::shared_ptr<Guard>& guard, CallTerms terms = {}) {
    started_.push_back(Seen<int>(
        chain(guard).start([this]() -> Expected<int> { return ++order_; }, std::move(terms))));
    return started_.back();
  }
  int order_ = 0;
  std::vector<Seen<int>> started_;
};

TEST_F(RateLimitScenario, StartsWithABurst) {
  EXPECT_EQ(calls_that_pass(rate_limit({.per_second = 1, .burst = 5}), 100), 5);
}

TEST_F(RateLimitScenario, ATokenComesExactlyInTime) {
  const auto it = rate_limit({.per_second = 4, .burst = 1});
  (void)call(it);
  advance(250ms - 1ns);
  EXPECT_FALSE(passes(it));
  advance(1ns);
  EXPECT_TRUE(passes(it));
  EXPECT_FALSE(passes(it));
}

TEST_F(RateLimitScenario, KeepsNoMoreThanItsBurst) {
  const auto it = rate_limit({.per_second = 10, .burst = 3});
  advance(24h);
  EXPECT_EQ(calls_that_pass(it, 100), 3);
}

TEST_F(RateLimitScenario, LetsInExactlyAsManyAsTheTimeBrings) {
  for (const double rate : {3.0, 7.0, 1000.0}) {
    const auto it = rate_limit({.per_second = rate, .burst = 2});
    int passed = 0;
    for (int i = 0; i < 10'000; ++i) {
      passed += calls_that_pass(it, 3);
      advance(1ms);
    }
    passed += calls_that_pass(it, 3);
    EXPECT_EQ(passed, static_cast<int>(10 * rate) + 2) << rate;
  }
}

TEST_F(RateLimitScenario, TheErrorSaysWhenToTryAgain) {
  const auto it = rate_limit({.per_second = 4, .burst = 1});
  (void)call(it);
  advance(50ms);
  const Status status = call(it);
  EXPECT_EQ(status.to_string(),
            "RESOURCE_EXHAUSTED: rate limit shop: more than 4 calls a second; try again in 200 ms");
  // google.rpc.Status: code 1, message 2, details 3; RetryInfo: delay 1. Parsed as an Any they
  // would not be, so the delay is looked for as it stands on the wire.
  google::protobuf::Duration delay;
  delay.set_nanos(200'000'000);
  google::protobuf::Any info;
  info.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  const std::string time = delay.SerializeAsString();
  info.set_value(std::string("\x0a") + static_cast<char>(time.size()) + time);
  const std::string packed = info.SerializeAsString();
  const std::string message = status.message();
  EXPECT_EQ(status.details(), std::string("\x08\x08\x12") + static_cast<char>(message.size()) +
                                  message + "\x1a" + static_cast<char>(packed.size()) + packed);
}

TEST_F(RateLimitScenario, RunNeverWaits) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 10s});
  EXPECT_TRUE(passes(it));
  EXPECT_FALSE(passes(it));
  EXPECT_EQ(it->numbers().refused["no_token"], 1u);
}

TEST_F(RateLimitScenario, WhoWaitsIsLetInInOrderAndInTime) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 1s});
  std::vector<Seen<int>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(start(it));
  run();
  EXPECT_EQ(calls[0].value(), 1);
  for (int i = 1; i < 4; ++i) {
    advance(100ms - 1ns);
    EXPECT_FALSE(calls[i].is_there());
    advance(1ns);
    ASSERT_TRUE(calls[i].is_there());
    EXPECT_EQ(calls[i].value(), i + 1);
  }
}

TEST_F(RateLimitScenario, WaitingItLetsInExactlyAsManyAsTheTimeBrings) {
  const auto it = rate_limit({.per_second = 7, .burst = 2, .max_wait = 1h, .max_waiting = 1000});
  std::vector<Seen<int>> calls;
  for (int i = 0; i < 500; ++i) calls.push_back(start(it));
  for (int second = 1; second <= 10; ++second) {
    advance(1s);
    EXPECT_EQ(order_, 2 + 7 * second);
  }
}

TEST_F(RateLimitScenario, NewcomersDoNotOvertakeThoseWhoWait) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 1s});
  (void)call(it);
  const auto first = start(it);
  advance(100ms);
  EXPECT_TRUE(first.is_there());
  const auto second = start(it);
  EXPECT_FALSE(passes(it));  // the next token is spoken for
  advance(100ms);
  EXPECT_TRUE(second.is_there());
}

TEST_F(RateLimitScenario, WaitingFailsAtOnceIfTheDeadlineIsTooNear) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 1s});
  (void)call(it);
  const auto in_time = start(it, {.deadline = now() + 100ms});
  const auto too_late = start(it, {.deadline = now() + 200ms - 1ns});
  EXPECT_EQ(too_late.code(), Errc::kResourceExhausted);
  EXPECT_EQ(it->numbers().refused["not_in_time"], 1u);
  advance(100ms);
  EXPECT_TRUE(in_time.is_there());
  EXPECT_EQ(in_time.code(), Errc::kOk);
}

TEST_F(RateLimitScenario, NobodyWaitsLongerThanMaxWait) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 200ms});
  (void)call(it);
  const auto first = start(it), second = start(it), third = start(it);
  EXPECT_FALSE(second.is_there());
  EXPECT_EQ(third.code(), Errc::kResourceExhausted);
}

TEST_F(RateLimitScenario, TheLineIsBounded) {
  const auto it = rate_limit({.per_second = 1, .burst = 1, .max_wait = 1h, .max_waiting = 2});
  (void)call(it);
  const auto first = start(it), second = start(it), third = start(it);
  EXPECT_FALSE(second.is_there());
  EXPECT_EQ(third.code(), Errc::kResourceExhausted);
  EXPECT_EQ(it->numbers().refused["line_full"], 1u);
  EXPECT_EQ(it->numbers().now["waiting"], 2);
}

TEST_F(RateLimitScenario, WhoGivesUpMakesPlaceAndCostsNoToken) {
  const auto it = rate_limit({.per_second = 10, .burst = 1, .max_wait = 1s, .max_waiting = 2});
  (void)call(it);
  const auto first = start(it), second = start(it);
  run();
  first.cancel();
  EXPECT_EQ(first.code(), Errc::kCancelled);
  run();
  EXPECT_EQ(it->numbers().now["waiting"], 1);
  advance(100ms);
  ASSERT_TRUE(second.is_there());
  EXPECT_EQ(second.value(), 1);
}

TEST_F(RateLimitScenario, WhoWaitsKeepsTheLimit) {
  auto it = rate_limit({.per_second = 1, .burst = 1, .max_wait = 1h});
  (void)call(it);
  const auto first = start(it);
  run();
  it.reset();
  advance(1s);
  EXPECT_EQ(first.value(), 1);
}

}  // namespace
}  // namespace brontes::testing
