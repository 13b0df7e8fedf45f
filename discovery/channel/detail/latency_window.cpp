#include <algorithm>
#include <brontes/discovery/channel/detail/latency_window.hpp>
#include <cmath>
#include <numeric>

namespace brontes {
namespace {

constexpr double kPerDoubling = 8, kSmallest = 1e-4;  // seconds

double latency_seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::size_t LatencyWindow::bucket_of(Duration took) {
  const double doublings = std::log2(std::max(latency_seconds(took), kSmallest) / kSmallest);
  return std::min(static_cast<std::size_t>(std::ceil(doublings * kPerDoubling)), kBuckets - 1);
}

Duration LatencyWindow::most_in(std::size_t bucket) {
  const double most = kSmallest * std::exp2(static_cast<double>(bucket) / kPerDoubling);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(most));
}

void LatencyWindow::record(Duration took) {
  fresh_[bucket_of(took)].fetch_add(1, std::memory_order_relaxed);
}

void LatencyWindow::forget_until(TimePoint now) {
  for (int step = 0; step < kSteps && now - rolled_at_ >= kStep; ++step) {
    at_ = (at_ + 1) % kSteps;
    steps_[at_] = {};
    rolled_at_ += kStep;
  }
  rolled_at_ = std::max(rolled_at_, now - kStep);
}

void LatencyWindow::roll(TimePoint now) {
  forget_until(now);
  for (std::size_t i = 0; i < kBuckets; ++i)
    steps_[at_][i] += fresh_[i].exchange(0, std::memory_order_relaxed);
  Counts all{};
  for (const Counts& step : steps_)
    for (std::size_t i = 0; i < kBuckets; ++i) all[i] += step[i];
  const std::uint64_t count = std::accumulate(all.begin(), all.end(), std::uint64_t{0});
  std::uint64_t below = 0;
  std::size_t bucket = 0;
  while (bucket + 1 < kBuckets && 100 * (below += all[bucket]) < 95 * count) ++bucket;
  p95_.store(count < kLeast ? 0 : most_in(bucket).count(), std::memory_order_relaxed);
}

}  // namespace brontes
