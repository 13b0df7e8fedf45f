#include <gtest/gtest.h>
#include <brontes/tools/cli/load.hpp>

namespace brontes::cli {
namespace {

using std::chrono::microseconds;

TEST(LoadSummary, PercentileIsTheSmallestThatCoversThePart) {
  LoadSummary summary;
  for (int i = 1; i <= 100; ++i) summary.latencies.push_back(microseconds(i));
  EXPECT_EQ(summary.percentile(0.5), microseconds(50));
  EXPECT_EQ(summary.percentile(0.99), microseconds(99));
  EXPECT_EQ(summary.percentile(1), microseconds(100));
}

TEST(LoadSummary, PercentileOfOneCallIsThatCall) {
  LoadSummary summary;
  summary.latencies = {microseconds(7)};
  EXPECT_EQ(summary.percentile(0.5), microseconds(7));
  EXPECT_EQ(summary.percentile(0.99), microseconds(7));
}

TEST(LoadSummary, WithoutCallsThereIsNoLatency) {
  EXPECT_EQ(LoadSummary().percentile(0.99), Duration{});
}

}  // namespace
}  // namespace brontes::cli
