#include <algorithm>
#include <brontes/actors/resilience/detail/call_window.hpp>

namespace brontes::detail {

CallWindow::CallWindow(Duration length, std::uint32_t buckets, TimePoint now)
    : step_(std::max<Duration>(length / buckets, Duration(1))), cells_(buckets) {
  // Older than anything that sum() looks at.
  const std::uint64_t long_ago = (epoch(now) - buckets) & kEpochMask;
  for (auto& cell : cells_) cell.store(pack(long_ago, 0, 0), std::memory_order_relaxed);
}

void CallWindow::add(TimePoint now, bool good) {
  const std::uint64_t at = epoch(now);
  auto& cell = cells_[at % cells_.size()];
  const std::uint64_t mine = at & kEpochMask;
  std::uint64_t word = cell.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    // Ahead by a turn of the window: another thread read the clock later. All else is long ago.
    const bool goes_on = ((epoch_of(word) - mine) & kEpochMask) <= cells_.size();
    const std::uint64_t base = goes_on ? word : pack(mine, 0, 0);
    const std::uint64_t one = good ? good_of(base) < kCountMask : bad_of(base) < kCountMask;
    next = base + (good ? one << 22 : one);
  } while (!cell.compare_exchange_weak(word, next, std::memory_order_relaxed));
}

CallWindow::Sum CallWindow::sum(TimePoint now) const {
  const std::uint64_t mine = epoch(now);
  Sum sum;
  for (const auto& cell : cells_) {
    const std::uint64_t word = cell.load(std::memory_order_relaxed);
    if (((mine - epoch_of(word)) & kEpochMask) >= cells_.size()) continue;
    sum.good += good_of(word);
    sum.bad += bad_of(word);
  }
  return sum;
}

}  // namespace brontes::detail
