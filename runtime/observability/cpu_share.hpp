// How busy this process is: the share of the CPU time that it might use which it does use.
#pragma once

#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdint>
#include <functional>

namespace brontes {

/// Thread-safe. Looks once a second at most, when it is asked, so that what it says is the mean of
/// a second, or of the time since it was asked before.
class CpuShare {
 public:
  /// `used`: CPU time of the process so far; `cpus`: how many it may use.
  explicit CpuShare(TimePoint now, std::function<Duration()> used = process_cpu_time,
                    double cpus = available_cpus());
  /// 0 to 1. Nanoseconds, microseconds when it looks.
  double at(TimePoint now);

  static Duration process_cpu_time();
  /// By affinity and by the quota of the control group.
  static double available_cpus();

 private:
  const std::function<Duration()> used_;
  const double cpus_;
  std::atomic<std::int64_t> looked_;  // when; who moves it on looks
  std::atomic<std::int64_t> cpu_time_;
  std::atomic<double> share_{0};
};

}  // namespace brontes
