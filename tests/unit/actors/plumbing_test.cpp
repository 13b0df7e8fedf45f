#include <brontes/actors/plumbing.hpp>
#include <brontes/actors/testkit/gtest.hpp>

#include "counter.hpp"

namespace brontes::testing {
namespace {

class PlumbingScenario : public ScenarioTest {
 protected:
  void TearDown() override { stop(counter_); }

  Counter counter_ = spawn_plumbing<CounterActor>(system(), "test.counter", 10);
  Probe<Counter> asker_ = probe<Counter>("asker");
};

TEST_F(PlumbingScenario, AnExceptionCostsItsMessageAndNotTheState) {
  tell(counter_, Increment{});
  tell(counter_, Crash{});
  asker_.tell(counter_, GetCount{});
  EXPECT_EQ(asker_.expect<Count>()->value, 11);
}

TEST_F(PlumbingScenario, TheRequestThatThrewIsAnswered) {
  asker_.tell(counter_, CrashingQuestion{});
  EXPECT_EQ(asker_.expect<Status>()->code(), Errc::kInternal);
}

}  // namespace
}  // namespace brontes::testing
