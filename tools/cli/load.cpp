#include <algorithm>
#include <brontes/tools/cli/load.hpp>
#include <cmath>
#include <condition_variable>
#include <mutex>

namespace brontes::cli {
namespace {

// Shared with the calls, whose last callback may still be leaving when the load is over.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t running = 0;
  bool lost = false;  // a call found no instance for its whole deadline
  LoadSummary summary;

  void ended(const CallResult& result, Duration latency) {
    const std::lock_guard lock(mutex);
    if (result.status.ok())
      ++summary.ok;
    else
      ++summary.errors[std::string(to_string(result.status.code()))];
    if (result.facts.address.empty() && result.status.code() == Errc::kUnavailable) lost = true;
    summary.latencies.ascending.push_back(latency);
    if (!result.facts.address.empty()) {
      InstanceLoad& instance = summary.instances[result.facts.address];
      ++instance.calls;
      if (!result.status.ok()) ++instance.errors;
      instance.latencies.ascending.push_back(latency);
    }
    --running;
    changed.notify_one();
  }
  void wait_below(std::int64_t limit) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return running < limit; });
  }
};

}  // namespace

Duration Latencies::percentile(double part) const {
  if (ascending.empty()) return {};
  const auto rank = static_cast<std::size_t>(std::ceil(part * double(ascending.size())));
  return ascending[std::clamp<std::size_t>(rank, 1, ascending.size()) - 1];
}

LoadSummary run_load(const LoadOptions& options, const StartCall& start, const Clock& clock) {
  const auto progress = std::make_shared<Progress>();
  for (std::int64_t i = 0; i < options.count; ++i) {
    progress->wait_below(options.parallel);
    {
      const std::lock_guard lock(progress->mutex);
      if (progress->lost) {
        progress->summary.not_made = options.count - i;
        break;
      }
      ++progress->running;
    }
    const TimePoint begun = clock.now();
    on_result(start(), [progress, begun, &clock](const CallResult& result) {
      progress->ended(result, clock.now() - begun);
    });
  }
  progress->wait_below(1);
  const std::lock_guard lock(progress->mutex);
  LoadSummary summary = std::move(progress->summary);
  const auto sort = [](Latencies& some) {
    std::sort(some.ascending.begin(), some.ascending.end());
  };
  sort(summary.latencies);
  for (auto& [address, instance] : summary.instances) sort(instance.latencies);
  return summary;
}

}  // namespace brontes::cli
