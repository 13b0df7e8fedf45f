#include <brontes/actors/log.hpp>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace brontes {
namespace {

struct Log : testing::Test {
  ~Log() override {
    set_log_sink({});
    set_log_level(LogLevel::kInfo);
    set_log_format(LogFormat::kText);
  }
};

TEST_F(Log, BelowItsLevelNothingIsFormatted) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view logger, std::string_view line) {
    lines.push_back(std::string(logger) + ": " + std::string(line));
  });
  log_debug("a", "hidden");
  log_info("a", "seen key={}", 1);
  set_log_level(LogLevel::kDebug);
  log_debug("b", "seen");
  EXPECT_EQ(lines, (std::vector<std::string>{"a: seen key=1", "b: seen"}));
}

TEST_F(Log, TextGoesToStandardErrorWithLevelAndLogger) {
  testing::internal::CaptureStderr();
  log_warn("runtime.node", "lost key=\"a\"");
  flush_log();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("warn"), std::string::npos);
  EXPECT_NE(text.find("runtime.node lost key=\"a\"\n"), std::string::npos);
}

TEST_F(Log, JsonIsOneObjectALine) {
  set_log_format(LogFormat::kJson);
  testing::internal::CaptureStderr();
  log_error("a", "said \"no\"\n");
  flush_log();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find(R"({"at":")"), 0u);
  EXPECT_NE(text.find(R"("level":"error","logger":"a","line":"said \"no\"\u000a"})"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace brontes
