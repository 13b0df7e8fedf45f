#include <brontes/actors/testkit/gtest.hpp>

#include "meter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class FaultScenario : public ScenarioTest {
 protected:
  Probe<Gauge> gauge = probe<Gauge>("gauge");
  Probe<Display> display = probe<Display>("display");
  Meter meter = spawn<MeterActor>(gauge.handle(), display.handle());
};

TEST_F(FaultScenario, ADroppedRequestTimesOut) {
  inject(Fault::drop(), gauge);
  tell(meter, StartMeter{});
  gauge.expect_nothing();
  advance(400ms);
  EXPECT_EQ(display.expect<Reading>()->error, "DEADLINE_EXCEEDED: no answer in time");
  advance(600ms);
  gauge.expect<ReadGauge>();  // the fault is used up
}

TEST_F(FaultScenario, ADroppedMessageNeverReachesAnActor) {
  inject(Fault::drop(2), meter);
  tell(meter, StartMeter{});
  tell(meter, StartMeter{});
  gauge.expect_nothing();
  tell(meter, StartMeter{7});
  EXPECT_EQ(gauge.expect<ReadGauge>()->gauge, 7);
}

TEST_F(FaultScenario, ADelayedAnswerArrivesLate) {
  tell(meter, StartMeter{});
  inject(Fault::delayed(300ms), meter);
  gauge.expect<ReadGauge>().reply(GaugeRead{4});
  advance(299ms);
  display.expect_nothing();
  advance(1ms);
  EXPECT_EQ(display.expect<Reading>()->value, 4);
}

TEST_F(FaultScenario, APausedActorGetsEverythingAtTheEndInOrder) {
  inject(Fault::pause(2s), gauge);
  tell(gauge, ReadGauge{1});
  advance(1s);
  tell(gauge, ReadGauge{2});
  advance(999ms);
  gauge.expect_nothing();
  advance(1ms);
  EXPECT_EQ(gauge.expect<ReadGauge>()->gauge, 1);
  EXPECT_EQ(gauge.expect<ReadGauge>()->gauge, 2);
  tell(gauge, ReadGauge{3});
  EXPECT_EQ(gauge.expect<ReadGauge>()->gauge, 3);
}

TEST_F(FaultScenario, ADuplicateArrivesTwice) {
  inject(Fault::duplicate(), display);
  tell(display, Reading{1, ""});
  display.expect<Reading>();
  display.expect<Reading>();
  display.expect_nothing();
  inject(Fault::duplicate(), meter);
  tell(meter, StartMeter{});
  gauge.expect<ReadGauge>();
  gauge.expect<ReadGauge>();
}

TEST_F(FaultScenario, TheSecondAnswerOfADuplicatedRequestIsIgnored) {
  inject(Fault::duplicate(), gauge);
  tell(meter, StartMeter{});
  gauge.expect<ReadGauge>().reply(GaugeRead{1});
  gauge.expect<ReadGauge>().reply(GaugeRead{2});
  EXPECT_EQ(display.expect<Reading>()->value, 1);
  display.expect_nothing();
}

TEST_F(FaultScenario, AReorderedMessageIsOvertaken) {
  inject(Fault::reorder(), display);
  for (int value = 1; value <= 3; ++value) tell(display, Reading{value, ""});
  for (int value : {2, 1, 3}) EXPECT_EQ(display.expect<Reading>()->value, value);
}

TEST_F(FaultScenario, AMessageThatNobodyOvertakesArrivesWhenTimeMoves) {
  inject(Fault::reorder(), meter);
  tell(meter, StartMeter{});
  gauge.expect_nothing();
  advance(1ms);
  gauge.expect<ReadGauge>();
}

TEST_F(FaultScenario, ACrashedActorAnswersWithAnErrorAndIsGone) {
  auto reader = probe<Display>("reader");
  inject(Fault::crash(), meter);
  reader.tell(meter, LastReading{});
  EXPECT_EQ(reader.expect<Status>()->code(), Errc::kInternal);
  reader.tell(meter, LastReading{});
  reader.expect<Status>();
  gauge.expect_nothing();
}

TEST_F(FaultScenario, ACrashedProbeIsGoneToo) {
  inject(Fault::crash(), gauge);
  tell(meter, StartMeter{});
  EXPECT_EQ(display.expect<Reading>()->error, "INTERNAL: crash injected by the scenario");
  advance(1s);
  display.expect<Reading>();
  gauge.expect_nothing();
}

}  // namespace
}  // namespace brontes::testing
