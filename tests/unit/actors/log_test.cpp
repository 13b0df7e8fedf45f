#include <gtest/gtest.h>
#include <brontes/actors/detail/log_text.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/log_every.hpp>

#include <string>
#include <vector>

namespace brontes {
namespace {

using namespace std::chrono_literals;

struct ManualClock final : Clock {
  TimePoint now() const override { return time; }
  WallTime wall() const override { return WallTime(1'700'000'000'250ms); }
  TimePoint time{1h};
};

class Log : public ::testing::Test {
 protected:
  Log() {
    set_log_clock(&clock);
    set_log_sink([this](LogLevel, std::string_view logger, std::string_view line) {
      lines.push_back(std::string(logger) + "|" + std::string(line));
    });
  }
  ~Log() override {
    set_log_sink(nullptr);
    set_log_clock(nullptr);
    set_log_level(LogLevel::kInfo);
    set_log_format(LogFormat::kText);
  }
  ManualClock clock;
  std::vector<std::string> lines;
};

TEST_F(Log, AnEventGoesToTheSink) {
  log_warn("log.sink", "lease lost lease={} gap_ms={}", 7, 12);
  EXPECT_EQ(lines, std::vector<std::string>{"log.sink|lease lost lease=7 gap_ms=12"});
}

TEST_F(Log, NothingBelowTheLevelIsLogged) {
  log_debug("log.level", "call ended");
  set_log_level(LogLevel::kError);
  log_warn("log.level", "lease lost");
  log_error("log.level", "gave up");
  EXPECT_EQ(lines, std::vector<std::string>{"log.level|gave up"});
}

TEST_F(Log, RepeatsAreCutAndCounted) {
  for (int i = 0; i < 100; ++i) log_warn("log.repeat", "call failed n={}", i);
  EXPECT_EQ(lines.size(), 20u);
  log_warn("log.repeat", "another event n=1");
  EXPECT_EQ(lines.size(), 21u);
  clock.time += 1s;
  log_warn("log.repeat", "call failed n=100");
  EXPECT_EQ(lines.back(), "log.repeat|call failed n=100 suppressed=80");
  log_warn("log.repeat", "call failed n=101");
  EXPECT_EQ(lines.back(), "log.repeat|call failed n=101");
}

TEST_F(Log, WhatWasCutIsToldOnceItsSecondIsOver) {
  for (int i = 0; i < 30; ++i) log_warn("log.last", "call failed n={}", i);
  log_info("log.other", "serving");
  EXPECT_EQ(lines.back(), "log.other|serving");
  clock.time += 1s;
  log_info("log.other", "serving");
  EXPECT_EQ(lines.back(), "log.last|call failed suppressed=10");
  const std::size_t told = lines.size();
  log_info("log.other", "serving");
  flush_log();
  EXPECT_EQ(lines.size(), told + 1);
}

TEST_F(Log, FlushingTellsWhatWasCut) {
  for (int i = 0; i < 30; ++i) log_warn("log.flush", "call failed n={}", i);
  flush_log();
  EXPECT_EQ(lines.back(), "log.flush|call failed suppressed=10");
}

TEST_F(Log, EveryLineIsThereWhenAskedFor) {
  for (int i = 0; i < 100; ++i) log_every(LogLevel::kError, "log.every", "call failed n={}", i);
  EXPECT_EQ(lines.size(), 100u);
  EXPECT_EQ(lines.back(), "log.every|call failed n=99");
}

TEST_F(Log, DebugIsNotCut) {
  set_log_level(LogLevel::kDebug);
  for (int i = 0; i < 100; ++i) log_debug("log.debug", "call ended");
  EXPECT_EQ(lines.size(), 100u);
}

TEST_F(Log, LinesGoToStandardErrorInTheChosenFormat) {
  set_log_sink(nullptr);
  ::testing::internal::CaptureStderr();
  log_info("log.stderr", "serving port={}", 8080);
  set_log_format(LogFormat::kJson);
  log_info("log.stderr", "serving port={}", 8080);
  flush_log();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "2023-11-14T22:13:20.250Z INFO  log.stderr serving port=8080\n"
            "{\"time\":\"2023-11-14T22:13:20.250Z\",\"level\":\"info\",\"logger\":\"log.stderr\","
            "\"event\":\"serving\",\"port\":8080}\n");
}

class LogJson : public ::testing::Test {
 protected:
  // What follows the logger's name.
  static std::string json(std::string_view line) {
    const std::string all = detail::as_json({LogLevel::kError, "x", line, WallTime{}});
    const std::string before =
        R"({"time":"1970-01-01T00:00:00.000Z","level":"error","logger":"x",)";
    EXPECT_EQ(all.substr(0, before.size()), before);
    return all.substr(before.size());
  }
};

TEST_F(LogJson, EachKeyIsAMember) {
  EXPECT_EQ(json("lease lost lease=7 at=etcd:2379 gap_ms=-3"),
            R"("event":"lease lost","lease":7,"at":"etcd:2379","gap_ms":-3})");
}

TEST_F(LogJson, QuotedValuesAreWhole) {
  EXPECT_EQ(json(R"(failed cause="no "such" key a=b" retry_ms=5)"),
            R"("event":"failed","cause":"no \"such\" key a=b","retry_ms":5})");
  EXPECT_EQ(json("e a= b=2"), R"("event":"e","a":"","b":2})");
  EXPECT_EQ(json(R"(failed cause="")"), R"("event":"failed","cause":""})");
}

TEST_F(LogJson, WordsOnlyAreTheEvent) { EXPECT_EQ(json("gave up"), R"("event":"gave up"})"); }

TEST_F(LogJson, OnlyWhatJsonCallsANumberIsOne) {
  EXPECT_EQ(json("e a=007 b=1.5 c=0 d=12345678901234567890"),
            R"("event":"e","a":"007","b":"1.5","c":0,"d":"12345678901234567890"})");
}

TEST_F(LogJson, ControlCharactersCannotForgeALine) {
  EXPECT_EQ(json("e a=\x01\n{}"), R"("event":"e","a":"\u0001\n{}"})");
  EXPECT_EQ(detail::as_text({LogLevel::kInfo, "x", "e a=1\nforged", WallTime{}}),
            "1970-01-01T00:00:00.000Z INFO  x e a=1\\nforged");
}

}  // namespace
}  // namespace brontes
