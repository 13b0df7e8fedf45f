#include <gtest/gtest.h>
#include <brontes/actors/backoff.hpp>

#include <vector>

namespace brontes {
namespace {

using namespace std::chrono_literals;

constexpr BackoffOptions kOptions{100ms, 1s};

TEST(Backoff, StaysWithinADoublingCeiling) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Backoff backoff(kOptions, seed);
    for (const Duration ceiling : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
      const Duration delay = backoff.next();
      EXPECT_GE(delay, 0ms) << "seed " << seed;
      EXPECT_LE(delay, ceiling) << "seed " << seed;
    }
  }
}

TEST(Backoff, UsesTheWholeRange) {
  Duration least = 1h, most{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Duration delay = Backoff(kOptions, seed).next();
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, 10ms);
  EXPECT_GT(most, 90ms);
}

TEST(Backoff, IsTheSameForASeed) {
  Backoff one(kOptions, 7), other(kOptions, 7);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(one.next(), other.next());
}

TEST(Backoff, StartsOverAfterAReset) {
  Backoff backoff(kOptions, 1);
  for (int i = 0; i < 10; ++i) backoff.next();
  EXPECT_EQ(backoff.attempts(), 10u);
  backoff.reset();
  EXPECT_LE(backoff.next(), 100ms);
}

TEST(Backoff, NeverOverflows) {
  Backoff backoff({std::chrono::hours(24 * 365), Duration::max()}, 1);
  for (int i = 0; i < 100; ++i) EXPECT_GE(backoff.next(), 0ms);
}

TEST(Jitter, OfNothingIsNothing) {
  std::uint64_t random = 1;
  EXPECT_EQ(jitter(random, 0ms), 0ms);
  EXPECT_EQ(jitter(random, -1ms), 0ms);
}

}  // namespace
}  // namespace brontes
