#include <gtest/gtest.h>
#include <brontes/tools/cli/load.hpp>

namespace brontes::cli {
namespace {

using std::chrono::microseconds;

TEST(Latencies, PercentileIsTheSmallestThatCoversThePart) {
  Latencies some;
  for (int i = 1; i <= 100; ++i) some.ascending.push_back(microseconds(i));
  EXPECT_EQ(some.percentile(0.5), microseconds(50));
  EXPECT_EQ(some.percentile(0.99), microseconds(99));
  EXPECT_EQ(some.percentile(1), microseconds(100));
}

TEST(Latencies, PercentileOfOneCallIsThatCall) {
  Latencies some;
  some.ascending = {microseconds(7)};
  EXPECT_EQ(some.percentile(0.5), microseconds(7));
  EXPECT_EQ(some.percentile(0.99), microseconds(7));
}

TEST(Latencies, WithoutCallsThereIsNoLatency) {
  EXPECT_EQ(Latencies().percentile(0.99), Duration{});
}

}  // namespace
}  // namespace brontes::cli
