#include <gtest/gtest.h>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/supervisor.hpp>
#include <brontes/actors/system.hpp>

#include <future>

#include "counter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Answer = Interface<void(Count)>;

class WaitingActor : public Answer::base {
 public:
  WaitingActor(caf::actor_config& config, Counter counter, std::promise<int>* result)
      : Answer::base(config), counter_(std::move(counter)), result_(result) {}

  Answer::behavior_type make_behavior() override {
    ask(this, counter_, 10s, GetCount{})
        .then([this](const Count& count) { result_->set_value(count.value); },
              [this](const caf::error&) { result_->set_value(-1); });
    return {[](const Count&) {}};
  }
  void on_exit() override { counter_ = nullptr; }

 private:
  Counter counter_;
  std::promise<int>* result_;
};

TEST(System, RunsActorsOnItsThreads) {
  System system({.threads = 2});
  EXPECT_FALSE(system.deterministic());
  std::promise<int> result;
  auto counter = system.caf().spawn<CounterActor>(3);
  auto waiting = system.caf().spawn<WaitingActor>(counter, &result);
  EXPECT_EQ(result.get_future().get(), 3);
  stop(waiting);
  stop(counter);
}

TEST(System, HasTheMachinesClock) {
  System system({.threads = 1});
  EXPECT_EQ(&system.clock(), &system_clock());
  const TimePoint before = system_clock().now();
  EXPECT_LE(before, system.clock().now());
}

TEST(System, ADeterministicOneStandsStill) {
  System system({.deterministic = true});
  EXPECT_TRUE(system.deterministic());
  EXPECT_EQ(system.clock().now(), system.clock().now());
  EXPECT_GT(system.clock().now(), TimePoint{});
}

// With real threads: every request that is sent while its receiver crashes over and over is
// answered.
class PesteringActor : public Answer::base {
 public:
  PesteringActor(caf::actor_config& config, Counter counter, std::promise<int>* answered)
      : Answer::base(config), counter_(std::move(counter)), answered_(answered) {}

  Answer::behavior_type make_behavior() override {
    next();
    return {[](const Count&) {}};
  }
  void on_exit() override { counter_ = nullptr; }

 private:
  void next() {
    if (count_ == kRounds) return answered_->set_value(count_);
    if (count_ % 3 == 0) tell(counter_, Crash{});
    ask(this, counter_, 10s, GetCount{})
        .then([this](const Count&) { again({}); },
              [this](const caf::error& error) { again(to_status(error)); });
  }
  void again(const Status& status) {
    EXPECT_TRUE(status.ok() || status.code() == Errc::kUnavailable) << status;
    ++count_;
    next();
  }

  static constexpr int kRounds = 300;
  Counter counter_;
  std::promise<int>* answered_;
  int count_ = 0;
};

TEST(System, SupervisedActorsAnswerOrAreUnavailable) {
  set_log_level(LogLevel::kOff);
  System system({.threads = 2});
  Supervisor supervisor(system);
  auto counter = supervisor.start<CounterActor>(
      {.name = "counter", .max_crashes = 1000, .backoff = {10us, 100us}});
  std::promise<int> answered;
  auto pestering = system.caf().spawn<PesteringActor>(counter, &answered);
  EXPECT_EQ(answered.get_future().get(), 300);
  stop(pestering);
  set_log_level(LogLevel::kInfo);
}

TEST(Clock, AfterForEverIsNever) {
  EXPECT_EQ(after(system_clock(), Duration::max()), TimePoint::max());
  EXPECT_GT(after(system_clock(), 1s), system_clock().now());
}

}  // namespace
}  // namespace brontes::testing
