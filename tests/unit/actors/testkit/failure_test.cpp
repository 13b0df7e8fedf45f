// What a scenario says when an expectation fails.
#include <gtest/gtest.h>
#include <brontes/actors/testkit/scenario.hpp>
#include <fstream>
#include <iterator>
#include <regex>

#include "captured_failures.hpp"
#include "meter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

TEST(ScenarioFailure, ShowsTheLastMessagesWithTimesNamesAndCallSites) {
  CapturedFailures failures;
  Scenario stage;
  auto gauge = stage.probe<Gauge>("gauge");
  auto display = stage.probe<Display>("display");
  auto meter = stage.spawn<MeterActor>(gauge.handle(), display.handle());
  stage.tell(meter, StartMeter{});
  stage.advance(1s);
  gauge.expect<ReadGauge>();
  display.expect<Reading>();
  display.expect<Reading>();
  ASSERT_EQ(failures.texts.size(), 1u);
  const std::string& text = failures.texts[0];
  EXPECT_NE(text.find("display expected Reading but got nothing"), std::string::npos) << text;
  EXPECT_NE(text.find("+0.000000s  scenario -> meter#"), std::string::npos) << text;
  EXPECT_NE(text.find("StartMeter  (failure_test.cpp:"), std::string::npos) << text;
  EXPECT_NE(text.find("+1.000000s  meter#"), std::string::npos) << text;
  EXPECT_NE(text.find("-> gauge  ReadGauge"), std::string::npos) << text;
}

// docs/actors.md quotes the file.
TEST(ScenarioFailure, LooksAsThePageShows) {
  CapturedFailures failures;
  Scenario stage;
  auto gauge = stage.probe<Gauge>("gauge");
  auto display = stage.probe<Display>("display");
  auto meter = stage.spawn<MeterActor>(gauge.handle(), display.handle());
  stage.tell(meter, StartMeter{});
  stage.advance(1s);
  display.expect<Reading>();
  display.expect<Reading>();
  ASSERT_EQ(failures.texts.size(), 1u);
  std::string text = std::regex_replace(failures.texts[0], std::regex("#[0-9]+"), "#4");
  text = std::regex_replace(text, std::regex("failure_test.cpp:[0-9]+"), "meter_test.cpp:25");
  std::ifstream page(FAILURE_PAGE);
  EXPECT_EQ(text + "\n", std::string(std::istreambuf_iterator<char>(page), {}));
}

TEST(ScenarioFailure, TimeNeverGoesBack) {
  CapturedFailures failures;
  Scenario stage;
  const TimePoint before = stage.now();
  stage.advance(-1s);
  EXPECT_EQ(stage.now(), before);
  ASSERT_EQ(failures.texts.size(), 1u);
  EXPECT_NE(failures.texts[0].find("advance by -1000000000 ns"), std::string::npos)
      << failures.texts[0];
  EXPECT_NE(failures.texts[0].find("never goes back"), std::string::npos);
}

TEST(ScenarioFailure, ListsWhatAProbeGotInstead) {
  CapturedFailures failures;
  Scenario stage;
  auto display = stage.probe<Display>("display");
  stage.tell(display, Reading{});
  display.expect_nothing();
  display.expect<GaugeRead>();
  ASSERT_EQ(failures.texts.size(), 2u);
  EXPECT_EQ(failures.texts[0].find("display expected nothing but got Reading"), 0u);
  EXPECT_EQ(failures.texts[1].find("display expected GaugeRead but got Reading"), 0u);
}

TEST(ScenarioFailure, AnAnswerNobodyWaitsForIsOne) {
  CapturedFailures failures;
  Scenario stage;
  auto gauge = stage.probe<Gauge>("gauge");
  stage.tell(gauge, ReadGauge{});
  gauge.expect<ReadGauge>().reply(GaugeRead{});
  ASSERT_EQ(failures.texts.size(), 1u);
  EXPECT_EQ(failures.texts[0].find("cannot answer ReadGauge"), 0u);
}

TEST(ScenarioFailure, MessagesWithoutEndAreOne) {
  struct Echo : Display::base {
    using Display::base::base;
    Display::behavior_type make_behavior() override {
      return {[this](const Reading& reading) { brontes::send(this, Display(this), reading); }};
    }
  };
  CapturedFailures failures;
  Scenario stage;
  stage.tell(stage.spawn<Echo>(), Reading{});
  ASSERT_EQ(failures.texts.size(), 1u);
  EXPECT_EQ(failures.texts[0].find("the actors never come to rest"), 0u);
}

TEST(ScenarioFailure, ATimerWithoutDelayThatRearmsIsOne) {
  struct Hasty : Display::base {
    using Display::base::base;
    Display::behavior_type make_behavior() override {
      return {[this](const Reading& reading) {
        brontes::send_after(this, Display(this), Duration::zero(), reading);
      }};
    }
  };
  CapturedFailures failures;
  Scenario stage;
  stage.tell(stage.spawn<Hasty>(), Reading{});
  stage.advance(1ms);
  ASSERT_EQ(failures.texts.size(), 1u);
  EXPECT_EQ(failures.texts[0].find("the actors never come to rest"), 0u) << failures.texts[0];
}

TEST(ScenarioFailure, ShowsNoTimeOutOfARequestThatWasAnswered) {
  CapturedFailures failures;
  Scenario stage;
  auto gauge = stage.probe<Gauge>("gauge");
  auto display = stage.probe<Display>("display");
  stage.tell(stage.spawn<MeterActor>(gauge.handle(), display.handle()), StartMeter{});
  gauge.expect<ReadGauge>().reply(GaugeRead{7});
  stage.advance(500ms);  // beyond the time-out of the first request
  display.expect_nothing();
  stage.advance(1s);  // beyond that of the second, which nobody answers
  display.expect<GaugeRead>();
  ASSERT_EQ(failures.texts.size(), 2u);
  EXPECT_EQ(failures.texts[0].find("DEADLINE_EXCEEDED"), std::string::npos) << failures.texts[0];
  EXPECT_NE(failures.texts[1].find("DEADLINE_EXCEEDED"), std::string::npos) << failures.texts[1];
}

TEST(ScenarioFailure, AnActorThatOutlivesItsScenarioIsNamed) {
  struct Immortal : Display::base {
    using Display::base::base;
    const char* name() const override { return "immortal"; }
    Display::behavior_type make_behavior() override {
      set_exit_handler([](caf::exit_msg&) {});
      return {[](const Reading&) {}};
    }
  };
  CapturedFailures failures;
  {
    Scenario stage;
    stage.spawn<Immortal>();
  }
  ASSERT_EQ(failures.texts.size(), 1u);
  EXPECT_EQ(failures.texts[0].find("actors outlive their scenario, nobody stops them: immortal#"),
            0u);
}

}  // namespace
}  // namespace brontes::testing
