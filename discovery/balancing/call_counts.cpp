#include <brontes/discovery/balancing/call_counts.hpp>

namespace brontes {

bool is_endpoint_failure(Errc code) {
  switch (code) {
    case Errc::kUnknown:
    case Errc::kDeadlineExceeded:
    case Errc::kResourceExhausted:
    case Errc::kInternal:
    case Errc::kUnavailable:
    case Errc::kDataLoss:
      return true;
    default:
      return false;
  }
}

void CallCounts::end(Era era, Errc code) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (era != era_.load(std::memory_order_relaxed)) return;
  if (is_endpoint_failure(code)) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    in_a_row_.fetch_add(1, std::memory_order_relaxed);
  } else {
    succeeded_.fetch_add(1, std::memory_order_relaxed);
    // A plain load first: the line stays shared while all goes well.
    if (in_a_row_.load(std::memory_order_relaxed) != 0)
      in_a_row_.store(0, std::memory_order_relaxed);
  }
}

void CallCounts::restart() {
  era_.fetch_add(1, std::memory_order_relaxed);
  succeeded_.store(0, std::memory_order_relaxed);
  failed_.store(0, std::memory_order_relaxed);
  in_a_row_.store(0, std::memory_order_relaxed);
}

}  // namespace brontes
