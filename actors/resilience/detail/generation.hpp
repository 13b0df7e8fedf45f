// One state of a breaker, from one change to the next: what was decided, and what is counted.
#pragma once

#include <atomic>
#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/detail/call_window.hpp>
#include <cstdint>
#include <memory>
#include <vector>

namespace brontes::detail {

/// What callers write into while a generation lasts. Thread-safe.
struct Ledger {
  Ledger(const BreakerOptions& options, TimePoint now)
      : window(options.window, options.buckets, now), leases(options.probes) {}

  /// Whoever turns it to true makes the next generation, and nobody else does.
  std::atomic<bool> over{false};
  std::atomic<std::uint32_t> in_a_row{0};  ///< failures
  CallWindow window;
  std::atomic<bool> throttling{false};
  std::atomic<std::uint64_t> draws{0};

  /// Half open: one for each probe, until when it is lent (nanoseconds of the clock), kFree or
  /// kSpent. Only its holder and, when it has run out, the next one who asks change it.
  static constexpr std::int64_t kFree = 0;
  static constexpr std::int64_t kSpent = INT64_MAX;
  std::vector<std::atomic<std::int64_t>> leases;
  std::atomic<std::uint32_t> passed{0};
};

/// Immutable but for the ledger.
struct Generation {
  BreakerView view;
  Status refusal;  ///< of calls that are not let in
  std::unique_ptr<Ledger> ledger;
};

}  // namespace brontes::detail
