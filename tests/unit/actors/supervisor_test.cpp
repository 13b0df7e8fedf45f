#include <brontes/actors/supervisor.hpp>
#include <brontes/actors/testkit/gtest.hpp>

#include "counter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class SupervisorScenario : public ScenarioTest {
 protected:
  // What the counter says, or the error instead.
  Expected<int> count(const Counter& counter) {
    asker_.tell(counter, GetCount{});
    return next_answer();
  }
  Expected<int> ask_to_crash(const Counter& counter) {
    asker_.tell(counter, CrashingQuestion{});
    return next_answer();
  }
  ChildHealth health(std::size_t index = 0) { return supervisor_->health().at(index); }

  std::vector<Status> escalations_;
  std::vector<ChildState> states_;
  std::unique_ptr<Supervisor> supervisor_ = std::make_unique<Supervisor>(
      system(), SupervisorOptions{
                    .name = "root",
                    .on_health = [this](const ChildHealth& now) { states_.push_back(now.state); },
                    .on_escalation = [this](const Status& why) { escalations_.push_back(why); },
                });
  Probe<Counter> asker_ = probe<Counter>("asker");

 private:
  Expected<int> next_answer() {
    // One of the two is there; which one decides the state of the child.
    if (asker_.has<Status>()) return brontes::fail(*asker_.expect<Status>());
    return asker_.expect<Count>()->value;
  }
};

TEST_F(SupervisorScenario, AHandleSurvivesTheRestart) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"}, 10);
  tell(counter, Increment{});
  EXPECT_EQ(count(counter), 11);
  tell(counter, Crash{});
  advance(100ms);
  EXPECT_EQ(count(counter), 10);
  EXPECT_EQ(health().restarts, 1u);
  EXPECT_EQ(health().last_error.message(), "the actor threw: crash wanted");
}

TEST_F(SupervisorScenario, WithoutIncarnationRequestsAreUnavailableAndTheRestIsDropped) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  tell(counter, Crash{});
  EXPECT_EQ(count(counter).error(), Status(Errc::kUnavailable, "actor counter is being restarted"));
  tell(counter, Increment{});
  advance(100ms);
  EXPECT_EQ(count(counter), 0);
}

TEST_F(SupervisorScenario, TheRequestThatCrashedTheActorIsAnswered) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  EXPECT_EQ(ask_to_crash(counter).error(),
            Status(Errc::kInternal, "the actor threw: bad question"));
}

TEST_F(SupervisorScenario, ResumeCostsTheMessageAndKeepsTheState) {
  auto counter =
      supervisor_->start<CounterActor>({.name = "counter", .on_crash = OnCrash::kResume});
  tell(counter, Increment{});
  tell(counter, Crash{});
  EXPECT_EQ(ask_to_crash(counter).error().code(), Errc::kInternal);
  EXPECT_EQ(count(counter), 1);
  EXPECT_EQ(health().resumes, 2u);
  EXPECT_EQ(health().restarts, 0u);
}

TEST_F(SupervisorScenario, AStoppedChildStaysDown) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter", .on_crash = OnCrash::kStop});
  tell(counter, Crash{});
  advance(1h);
  EXPECT_EQ(health().state, ChildState::kStopped);
  EXPECT_EQ(count(counter).error(), Status(Errc::kUnavailable, "actor counter was given up"));
  EXPECT_TRUE(escalations_.empty());
}

TEST_F(SupervisorScenario, AnActorThatFinishedIsNotRestarted) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  tell(counter, Finish{});
  advance(1h);
  EXPECT_EQ(health().state, ChildState::kStopped);
  EXPECT_EQ(health().restarts, 0u);
}

TEST_F(SupervisorScenario, StopByHandleEndsTheChild) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  stop(counter);
  advance(1h);
  EXPECT_EQ(health().state, ChildState::kStopped);
}

TEST_F(SupervisorScenario, StopBetweenTwoIncarnationsPreventsTheRestart) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  tell(counter, Crash{});
  stop(counter);
  advance(1h);
  EXPECT_EQ(health().state, ChildState::kStopped);
  EXPECT_EQ(health().restarts, 0u);
}

TEST_F(SupervisorScenario, PausesGrowUpToTheMaximumAndStartOverWhenStable) {
  const ChildOptions options{
      .name = "counter", .max_crashes = 1000, .backoff = {100ms, 1s}, .stable = 10s};
  auto counter = supervisor_->start<CounterActor>(options);
  Duration longest{};
  for (int i = 0; i < 50; ++i) {
    tell(counter, Crash{});
    const TimePoint crash = now();
    while (health().state == ChildState::kRestarting) advance(1ms);
    longest = std::max(longest, now() - crash);
  }
  EXPECT_GT(longest, 100ms);
  EXPECT_LE(longest, 1s);
  for (int i = 0; i < 50; ++i) {  // so often that no luck of the jitter keeps all below 100 ms
    advance(10s);
    tell(counter, Crash{});
    advance(100ms);
    ASSERT_EQ(health().state, ChildState::kRunning) << "after stable time " << i;
  }
}

TEST_F(SupervisorScenario, CrashesBeyondTheBudgetEscalateOnceAndStopAllChildren) {
  auto steady = supervisor_->start<CounterActor>({.name = "steady"});
  auto counter = supervisor_->start<CounterActor>({.name = "counter", .max_crashes = 2});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(escalations_.empty());
    tell(counter, Crash{});
    advance(1s);
  }
  ASSERT_EQ(escalations_.size(), 1u);
  EXPECT_EQ(escalations_[0].message(),
            "supervisor root gives up: child counter crashed 3 times, last cause: the actor "
            "threw: crash wanted");
  EXPECT_EQ(count(steady).error(), Status(Errc::kUnavailable, "actor steady was given up"));
  EXPECT_EQ(health(0).state, ChildState::kStopped);
}

TEST_F(SupervisorScenario, ARootThatGaveUpGivesUpTheChildrenOfItsChildrenToo) {
  Supervisor nested(*supervisor_, {.name = "nested"});
  auto deep = nested.start<CounterActor>({.name = "deep"});
  auto counter = supervisor_->start<CounterActor>({.name = "counter", .max_crashes = 0});
  tell(counter, Crash{});
  run();
  EXPECT_EQ(count(deep).error(), Status(Errc::kUnavailable, "actor deep was given up"));
  EXPECT_EQ(nested.health().at(0).state, ChildState::kStopped);
}

TEST_F(SupervisorScenario, CrashesOutsideOfTheWindowAreForgiven) {
  auto counter =
      supervisor_->start<CounterActor>({.name = "counter", .max_crashes = 2, .window = 1min});
  for (int i = 0; i < 20; ++i) {
    tell(counter, Crash{});
    advance(30s);
  }
  EXPECT_TRUE(escalations_.empty());
  EXPECT_EQ(health().restarts, 20u);
}

TEST_F(SupervisorScenario, AParentStartsTheChildrenOfAnotherSupervisorAnew) {
  Supervisor nested(*supervisor_, {.name = "nested", .max_crashes = 1});
  auto steady = nested.start<CounterActor>({.name = "steady"});
  auto counter = nested.start<CounterActor>({.name = "counter", .max_crashes = 0});
  tell(steady, Increment{});
  tell(counter, Crash{});
  EXPECT_EQ(count(steady).error(), Status(Errc::kUnavailable, "actor steady is being restarted"));
  advance(100ms);
  EXPECT_EQ(count(steady), 0);
  EXPECT_EQ(count(counter), 0);
  EXPECT_TRUE(escalations_.empty());
  tell(counter, Crash{});
  EXPECT_EQ(escalations_.size(), 1u);
}

TEST_F(SupervisorScenario, PausesStartOverWhenAParentStartsTheChildrenAnew) {
  Supervisor nested(*supervisor_, {.name = "nested", .max_crashes = 1000, .backoff = {1ms, 1ms}});
  auto counter = nested.start<CounterActor>(
      {.name = "counter", .max_crashes = 5, .backoff = {100ms, 1min}, .stable = 1h});
  for (int i = 0; i < 20; ++i) {  // so often that no luck of the jitter keeps all below 100 ms
    tell(counter, Crash{});
    advance(100ms);
    ASSERT_EQ(nested.health().at(0).state, ChildState::kRunning) << "after starting anew " << i;
    for (int crash = 1; crash < 6; ++crash) {  // the last one is beyond the budget
      tell(counter, Crash{});
      advance(10s);
    }
  }
  EXPECT_EQ(nested.health().at(0).restarts, 20u * 6);
}

TEST_F(SupervisorScenario, AFactoryThatThrowsIsACrashOfTheChild) {
  int calls = 0;
  auto counter =
      supervisor_->start_by<Counter>({.name = "counter"}, [&](caf::actor_system& stage) -> Counter {
        if (++calls < 3) throw std::runtime_error("no");
        return stage.spawn<CounterActor>(5);
      });
  EXPECT_EQ(count(counter).error().code(), Errc::kUnavailable);
  advance(1s);
  EXPECT_EQ(count(counter), 5);
  EXPECT_EQ(health().restarts, 1u);
}

TEST_F(SupervisorScenario, AnInjectedCrashStrikesTheCurrentIncarnation) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  inject(Fault::crash(), counter);
  tell(counter, Increment{});
  advance(100ms);
  EXPECT_EQ(health().restarts, 1u);
  EXPECT_EQ(states_,
            (std::vector{ChildState::kRunning, ChildState::kRestarting, ChildState::kRunning}));
}

TEST_F(SupervisorScenario, ItsEndIsTheEndOfItsChildren) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  supervisor_.reset();
  run();
  EXPECT_EQ(count(counter).error().code(), Errc::kUnavailable);
}

TEST_F(SupervisorScenario, StopsItsChildrenTheNewestFirst) {
  struct Leaver : CounterActor {
    Leaver(caf::actor_config& config, int number, std::vector<int>* left)
        : CounterActor(config), number(number), left(left) {}
    void on_exit() override { left->push_back(number); }
    int number;
    std::vector<int>* left;
  };
  std::vector<int> left;
  for (int number = 1; number <= 3; ++number)
    supervisor_->start<Leaver>({.name = "child"}, number, &left);
  run();
  supervisor_.reset();
  run();
  EXPECT_EQ(left, (std::vector{3, 2, 1}));
}

TEST_F(SupervisorScenario, ChildrenThatItNeverSawEndWithItToo) {
  auto counter = supervisor_->start<CounterActor>({.name = "counter"});
  supervisor_.reset();  // before its first turn: it has not adopted the child
  run();
  EXPECT_EQ(count(counter).error(), Status(Errc::kUnavailable, "actor counter was given up"));
}

TEST_F(SupervisorScenario, AFactoryMayThrowAnythingAndItsTextIsKept) {
  auto thrown = supervisor_->start_by<Counter>(
      {.name = "a"}, [](caf::actor_system&) -> Counter { throw std::runtime_error("no disk"); });
  auto odd =
      supervisor_->start_by<Counter>({.name = "b"}, [](caf::actor_system&) -> Counter { throw 7; });
  run();
  EXPECT_EQ(health(0).last_error.message(), "the actor threw: no disk");
  EXPECT_EQ(health(1).last_error.code(), Errc::kInternal);
}

TEST_F(SupervisorScenario, CountsResumesOfTheChildThatHadThemThoughNamesAreEqual) {
  const ChildOptions options{.name = "twin", .on_crash = OnCrash::kResume};
  auto first = supervisor_->start<CounterActor>(options);
  auto second = supervisor_->start<CounterActor>(options);
  tell(second, Crash{});
  run();
  EXPECT_EQ(health(0).resumes, 0u);
  EXPECT_EQ(health(1).resumes, 1u);
}

TEST_F(SupervisorScenario, GoesOnWhenACallbackThrows) {
  SupervisorOptions options;
  options.on_health = [](const ChildHealth&) { throw 7; };
  Supervisor touchy(system(), options);
  auto counter = touchy.start<CounterActor>({.name = "counter"});
  tell(counter, Crash{});
  advance(100ms);
  EXPECT_EQ(count(counter), 0);
}

TEST_F(SupervisorScenario, ANestedSupervisorThatEndsIsAStoppedChild) {
  auto nested = std::make_unique<Supervisor>(*supervisor_, ChildOptions{.name = "nested"});
  run();
  EXPECT_EQ(health().state, ChildState::kRunning);
  nested.reset();
  run();
  EXPECT_EQ(health().state, ChildState::kStopped);
}

}  // namespace
}  // namespace brontes::testing
