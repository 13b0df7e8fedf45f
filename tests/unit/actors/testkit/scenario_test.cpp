#include <brontes/actors/testkit/gtest.hpp>

#include "meter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class MeterScenario : public ScenarioTest {
 protected:
  Probe<Gauge> gauge = probe<Gauge>("gauge");
  Probe<Display> display = probe<Display>("display");
  Meter meter = spawn<MeterActor>(gauge.handle(), display.handle());
};

TEST_F(MeterScenario, AReplyReachesTheAskingActor) {
  tell(meter, StartMeter{3});
  auto read = gauge.expect<ReadGauge>();
  EXPECT_EQ(read->gauge, 3);
  read.reply(GaugeRead{20});
  EXPECT_EQ(display.expect<Reading>()->value, 20);
}

TEST_F(MeterScenario, AFailureReachesTheAskingActorAsStatus) {
  tell(meter, StartMeter{});
  gauge.expect<ReadGauge>().fail(Errc::kUnavailable, "wire cut");
  EXPECT_EQ(display.expect<Reading>()->error, "UNAVAILABLE: wire cut");
}

TEST_F(MeterScenario, AnUnansweredRequestTimesOutInVirtualTime) {
  tell(meter, StartMeter{});
  advance(399ms);
  display.expect_nothing();
  advance(1ms);
  EXPECT_EQ(display.expect<Reading>()->error, "DEADLINE_EXCEEDED: no answer in time");
}

TEST_F(MeterScenario, AdvanceFiresEachTimerAtItsInstant) {
  const TimePoint start = now();
  tell(meter, StartMeter{});
  advance(1h);
  EXPECT_EQ(now() - start, 1h);
  for (int i = 0; i <= 3600; ++i) gauge.expect<ReadGauge>();
  gauge.expect_nothing();
}

TEST_F(MeterScenario, WhatIsNotExpectedStaysQueued) {
  tell(display, Reading{1, ""});
  tell(display, Reading{2, ""});
  tell(meter, StartMeter{});
  gauge.expect<ReadGauge>().reply(GaugeRead{3});
  for (int value = 1; value <= 3; ++value) EXPECT_EQ(display.expect<Reading>()->value, value);
  display.expect_nothing();
}

TEST_F(MeterScenario, AProbeThatTellsGetsTheAnswer) {
  auto reader = probe<Display>("reader");
  reader.tell(meter, LastReading{});
  EXPECT_EQ(reader.expect<Status>()->code(), Errc::kNotFound);
  tell(meter, StartMeter{});
  gauge.expect<ReadGauge>().reply(GaugeRead{5});
  reader.tell(meter, LastReading{});
  EXPECT_EQ(reader.expect<Reading>()->value, 5);
}

TEST_F(MeterScenario, DoneNeedNotBeExpected) {
  auto reader = probe<Display>("reader");
  reader.tell(meter, StartMeter{});
  reader.tell(meter, MeterTick{});
  reader.expect<Done>();
  reader.expect_nothing();
}

TEST(Scenario, StartsLongAfterAnUnsetTimePoint) {
  Scenario stage;
  EXPECT_GE(stage.now() - TimePoint{}, 1h);
  EXPECT_EQ(stage.system().clock().now(), stage.now());
}

TEST(Scenario, StopsActorsThatTickForEver) {
  Scenario stage;
  auto gauge = stage.probe<Gauge>("gauge");
  auto display = stage.probe<Display>("display");
  stage.tell(stage.spawn<MeterActor>(gauge.handle(), display.handle()), StartMeter{});
  gauge.expect<ReadGauge>();
}

}  // namespace
}  // namespace brontes::testing
