#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class BulkheadScenario : public GuardScenario {
 protected:
  /// A call that runs until it is told to end.
  struct Running {
    Promise<int> promise;
    std::shared_ptr<bool> made = std::make_shared<bool>(false);
    std::optional<Seen<int>> seen;
    void end() const { promise.finish(1); }
  };
  Running start(const std::shared_ptr<Guard>& guard, CallTerms terms = {}) {
    Running call;
    call.seen.emplace(chain(guard).start(
        [promise = call.promise, made = call.made] {
          *made = true;
          return promise.later();
        },
        std::move(terms)));
    run();
    return call;
  }
};

TEST_F(BulkheadScenario, LetsInSoManyAtATime) {
  const auto it = bulkhead({.max_concurrent = 2});
  const auto first = start(it), second = start(it), third = start(it);
  EXPECT_TRUE(*second.made);
  EXPECT_EQ(third.seen->code(), Errc::kResourceExhausted);
  EXPECT_EQ(third.seen->text(), "bulkhead shop: 2 calls run already; try again later");
  first.end();
  EXPECT_TRUE(*start(it).made);
  EXPECT_EQ(it->numbers().refused["full"], 1u);
}

TEST_F(BulkheadScenario, ACallThatFailsLeavesItsPlace) {
  const auto it = bulkhead({.max_concurrent = 1});
  EXPECT_EQ(calls_that_pass(it, 10, Errc::kInternal), 10);
  EXPECT_EQ(it->numbers().now["in_flight"], 0);
}

TEST_F(BulkheadScenario, APlaceGoesToWhoWaitedLongest) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 2, .max_wait = 1s});
  const auto first = start(it), second = start(it), third = start(it);
  EXPECT_FALSE(*second.made);
  first.end();
  EXPECT_FALSE(passes(it));  // newcomers stand behind
  run();
  EXPECT_TRUE(*second.made);
  EXPECT_FALSE(*third.made);
  second.end();
  run();
  EXPECT_TRUE(*third.made);
}

TEST_F(BulkheadScenario, TheLineIsBounded) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 2, .max_wait = 1s});
  const auto inside = start(it), first = start(it), second = start(it), third = start(it);
  EXPECT_FALSE(second.seen->is_there());
  EXPECT_EQ(third.seen->text(), "bulkhead shop: 1 calls run already, 2 wait; try again later");
}

TEST_F(BulkheadScenario, NobodyWaitsLongerThanMaxWait) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 2, .max_wait = 100ms});
  const auto inside = start(it), waiting = start(it);
  advance(100ms - 1ns);
  EXPECT_FALSE(waiting.seen->is_there());
  advance(1ns);
  EXPECT_EQ(waiting.seen->code(), Errc::kResourceExhausted);
  EXPECT_EQ(it->numbers().refused["not_in_time"], 1u);
  EXPECT_EQ(it->numbers().now["waiting"], 0);
}

TEST_F(BulkheadScenario, NobodyWaitsLongerThanItsDeadline) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 2, .max_wait = 1s});
  const auto inside = start(it), waiting = start(it, {.deadline = now() + 30ms});
  advance(30ms);
  EXPECT_EQ(waiting.seen->code(), Errc::kResourceExhausted);
}

TEST_F(BulkheadScenario, WhoGivesUpLeavesTheLine) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 1, .max_wait = 1s});
  const auto inside = start(it), first = start(it);
  first.seen->cancel();
  EXPECT_EQ(first.seen->code(), Errc::kCancelled);
  run();
  const auto second = start(it);
  EXPECT_FALSE(second.seen->is_there());
  inside.end();
  run();
  EXPECT_FALSE(*first.made);
  EXPECT_TRUE(*second.made);
}

TEST_F(BulkheadScenario, TheParentsCancellationEndsWaitingToo) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 1, .max_wait = 1s});
  const auto parent = std::make_shared<Cancellation>();
  const auto inside = start(it), waiting = start(it, {.cancellation = parent});
  parent->request();
  EXPECT_EQ(waiting.seen->code(), Errc::kCancelled);
}

TEST_F(BulkheadScenario, RunNeverWaits) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 5, .max_wait = 1s});
  const auto inside = start(it);
  EXPECT_EQ(call(it).code(), Errc::kResourceExhausted);
}

TEST_F(BulkheadScenario, ACallThatWaitedIsMadeByItsExecutor) {
  const auto it = bulkhead({.max_concurrent = 1, .max_waiting = 1, .max_wait = 1s});
  std::vector<std::function<void()>> jobs;
  const auto inside = start(it);
  const auto waiting =
      start(it, {.executor = [&](std::function<void()> job) { jobs.push_back(std::move(job)); }});
  inside.end();
  run();
  EXPECT_FALSE(*waiting.made);
  ASSERT_EQ(jobs.size(), 1u);
  jobs[0]();
  EXPECT_TRUE(*waiting.made);
}

}  // namespace
}  // namespace brontes::testing
