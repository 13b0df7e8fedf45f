#include <gtest/gtest.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/discovery/balancing/load_report.hpp>
#include <brontes/runtime/interceptors/load_reporter.hpp>
#include <brontes/runtime/observability/cpu_share.hpp>
#include <testing.brontes.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using Echo = testing::EchoMethods;

TEST(LoadReporter, TellsTheLoadWithAnswersAndWithErrors) {
  Scenario stage;
  MethodTable table{stage.system().clock()};
  LocalDoor door{stage.system(), table};
  Status answer;
  Functions<Echo> echo;
  echo.on<Echo::Say>([&](const testing::Ask&, testing::Answer&) { return answer; });
  for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
  table.intercept(std::make_shared<LoadReporter>([] { return 0.75; }));
  for (const Errc code : {Errc::kOk, Errc::kNotFound}) {
    answer = {code, "as told"};
    auto call = door.start<Echo::Say>({});
    EXPECT_EQ(call.status().code(), code);
    const auto report = read_load_report(call.trailer(kLoadReportTrailer));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->cpu, 0.75);
  }
}

TEST(CpuShare, IsTheMeanSinceItLooked) {
  TimePoint now{1h};
  Duration used = 5s;
  CpuShare share(
      now, [&] { return used; }, 2);
  EXPECT_EQ(share.at(now), 0);
  used += 1s;
  EXPECT_EQ(share.at(now += 500ms), 0);           // too early to look
  EXPECT_DOUBLE_EQ(share.at(now += 500ms), 0.5);  // one of two CPUs for a second
  EXPECT_DOUBLE_EQ(share.at(now += 10s), 0);
  used += 5s;
  EXPECT_EQ(share.at(now += 1s), 1);  // more than there is: a clock that is coarse
}

TEST(CpuShare, ReadsThisProcess) {
  EXPECT_GT(CpuShare::process_cpu_time(), Duration::zero());
  EXPECT_GT(CpuShare::available_cpus(), 0);
}

}  // namespace
}  // namespace brontes
