// What became of the calls to one endpoint: counted where they run, read by the load balancer.
#pragma once

#include <atomic>
#include <brontes/actors/status.hpp>
#include <cstdint>

namespace brontes {

/// The endpoint failed, rather than the caller: what outlier detection looks at.
bool is_endpoint_failure(Errc code);

/// Thread-safe; a few nanoseconds per call. The figures of one process (incarnation): calls that
/// began before restart() leave in_flight() when they end, and count for nothing else.
class CallCounts {
 public:
  using Era = std::uint32_t;

  /// A call starts; give the era back when it ends.
  Era begin() {
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    return era_.load(std::memory_order_relaxed);
  }
  /// It ended with that code.
  void end(Era era, Errc code);
  /// It ended and nobody knows how.
  void abandon() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  /// A new process is behind the address.
  void restart();

  std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  std::uint64_t succeeded() const { return succeeded_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  /// Failures since the last success.
  std::uint32_t failed_in_a_row() const { return in_a_row_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> in_flight_{0}, in_a_row_{0};
  std::atomic<Era> era_{0};
  std::atomic<std::uint64_t> succeeded_{0}, failed_{0};
};

}  // namespace brontes
