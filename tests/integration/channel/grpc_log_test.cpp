#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <brontes/actors/log.hpp>
#include <brontes/discovery/channel/grpc_log.hpp>
#include <string>
#include <vector>

namespace brontes::testing {
namespace {

TEST(GrpcLog, ErrorsOfGrpcAreWarningsOfOurs) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel level, std::string_view logger, std::string_view line) {
    EXPECT_EQ(level, LogLevel::kWarn);
    EXPECT_EQ(logger, "grpc");
    lines.emplace_back(line);
  });
  grpc_init();  // before it gRPC says nothing
  route_grpc_log();
  ::testing::internal::CaptureStderr();
  gpr_log("src/core/a.cc", 7, GPR_LOG_SEVERITY_ERROR, "no %s", "match");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  grpc_shutdown();
  set_log_sink(nullptr);
  EXPECT_EQ(lines, std::vector<std::string>{"said text=\"no match\" source=a.cc:7"});
}

}  // namespace
}  // namespace brontes::testing
