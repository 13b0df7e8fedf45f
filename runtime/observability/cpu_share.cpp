#include <sys/resource.h>

#include <algorithm>
#include <brontes/runtime/observability/cpu_share.hpp>
#include <fstream>
#include <thread>
#include <utility>

namespace brontes {
namespace {

constexpr Duration kLook = std::chrono::seconds(1);

Duration duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

CpuShare::CpuShare(TimePoint now, std::function<Duration()> used, double cpus)
    : used_(std::move(used)),
      cpus_(cpus),
      looked_(now.time_since_epoch().count()),
      cpu_time_(used_().count()) {}

double CpuShare::at(TimePoint now) {
  std::int64_t looked = looked_.load(std::memory_order_acquire);
  const std::int64_t passed = now.time_since_epoch().count() - looked;
  if (passed >= kLook.count() &&
      looked_.compare_exchange_strong(looked, looked + passed, std::memory_order_acq_rel)) {
    const std::int64_t used = used_().count(), before = cpu_time_.exchange(used);
    const double share = static_cast<double>(used - before) / static_cast<double>(passed) / cpus_;
    share_.store(std::clamp(share, 0.0, 1.0), std::memory_order_relaxed);
  }
  return share_.load(std::memory_order_relaxed);
}

Duration CpuShare::process_cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return duration(usage.ru_utime) + duration(usage.ru_stime);
}

double CpuShare::available_cpus() {
  const double all = std::max(std::thread::hardware_concurrency(), 1u);
  std::ifstream file("/sys/fs/cgroup/cpu.max");  // "150000 100000", or "max 100000"
  double quota = 0, period = 0;
  if (file >> quota >> period && quota > 0 && period > 0) return std::min(all, quota / period);
  return all;
}

}  // namespace brontes
